"""Deliveries in a bucket that speaks S3: AWS, MinIO, Ceph, or Google's and others' compatible doors."""

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from ingest.sources.errors import SourceError
from ingest.sources.place import Found

LARGEST_READ = 16 << 20
MOST_OBJECTS = 1_000_000
# A silent server is given up after three tries of these seconds.
CONNECT, READ, TRIES = 10, 60, 3


@dataclass(frozen=True)
class BucketOptions:
    """How to reach a bucket; without keys, boto3's own ways to find some (environment, role)."""

    endpoint_url: str | None = None
    region: str | None = None
    key_id: str | None = None
    key: str | None = None


class Bucket:
    """A bucket, or what is below a prefix of it: `s3://name/prefix`."""

    def __init__(self, url: str, options: BucketOptions) -> None:
        parts = urlsplit(url)
        self._bucket, self._prefix = parts.netloc, parts.path.strip("/")
        self.name = url
        config = Config(
            connect_timeout=CONNECT,
            read_timeout=READ,
            retries={"total_max_attempts": TRIES, "mode": "standard"},
            # Servers of one's own rarely have a name for each bucket.
            s3={"addressing_style": "path"} if options.endpoint_url else None,
        )
        try:
            self._client: Any = boto3.client(
                "s3",
                endpoint_url=options.endpoint_url,
                region_name=options.region,
                aws_access_key_id=options.key_id,
                aws_secret_access_key=options.key,
                config=config,
            )
        except (BotoCoreError, ValueError) as error:
            raise SourceError(f"{url}: {error}") from error

    def listing(self) -> list[Found]:
        """All objects below the prefix."""
        prefix = f"{self._prefix}/" if self._prefix else ""
        found: list[Found] = []
        try:
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
            for page in pages:
                for each in page.get("Contents", []):
                    if not each["Key"].endswith("/"):
                        tag = str(each["ETag"]).strip('"')
                        found.append(Found(each["Key"], int(each["Size"]), tag, each["LastModified"]))
                if len(found) > MOST_OBJECTS:
                    raise SourceError(f"{self.name}: more than {MOST_OBJECTS:,} objects; name a prefix")
        except (BotoCoreError, ClientError) as error:
            raise SourceError(f"{self.name}: {error}") from error
        if not found:
            raise SourceError(f"{self.name}: no objects")
        return found

    def resolve(self, key: str, there: Mapping[str, Found]) -> Found | None:
        """Keys are the bucket's own."""
        return there.get(key)

    def read(self, found: Found) -> bytes:
        """A small object's content."""
        if found.size > LARGEST_READ:
            raise SourceError(f"{found.key}: {found.size:,} bytes, which no manifest has")
        try:
            return bytes(self._open(found).read())
        except (BotoCoreError, ClientError, OSError) as error:
            raise SourceError(f"{found.key}: {error}") from error

    def fetch(self, found: Found, folder: Path) -> Path:
        """A copy of the object, of the very content that was listed."""
        path = folder / hashlib.sha256(found.key.encode()).hexdigest()
        try:
            with path.open("wb") as file:
                shutil.copyfileobj(self._open(found), file, 1 << 20)
        except (BotoCoreError, ClientError, OSError) as error:
            raise SourceError(f"{found.key}: {error}") from error
        if path.stat().st_size != found.size:
            raise SourceError(f"{found.key}: cut off after {path.stat().st_size:,} of {found.size:,} bytes")
        return path

    def _open(self, found: Found) -> Any:
        # An object that changed since the listing is answered with an error: half of two runs is no bill.
        return self._client.get_object(Bucket=self._bucket, Key=found.key, IfMatch=found.tag)["Body"]
