"""Tables of sources: where facts come from, and how each kind is reached. Secrets are never among it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from attribution.models import SourceKind
from ingest.fleet.read_rules import TENANT_KINDS
from ingest.fleet.spec import Source
from ingest.fleet.table import Table, show
from ingest.fleet.values import (
    INTERVAL,
    LOOSE_TEXT,
    MOMENT,
    NAME,
    TEXT,
    TEXT_TABLE,
    TEXTS,
    TEXTS_TABLE,
    VARIABLE,
    Value,
    choice,
)
from ingest.sources.request_log.mapping import DEFAULT, mapping_of
from ingest.sources.request_log.outcomes import OUTCOMES

_KIND = choice(SourceKind.values)
# An unknown kind has no settings; it must not pass for the first one.
KIND = Value(_KIND.expected, "", _KIND.read)
TENANT_KIND = choice(TENANT_KINDS)
NAIVE = choice(["utc"])

Settings = dict[str, Any]


def read_sources(root: Table, folder: Path) -> Iterator[Source]:
    """Relative paths of files are held against `folder`, the one that fleet.toml is in."""
    for table in root.below("source"):
        kind = table.required("kind", KIND)
        name = table.required("name", NAME)
        cluster = table.optional("cluster", TEXT, None)
        provider = table.optional("provider", TEXT, None)
        if not kind:
            table.forgive()
            continue
        signals: tuple[str, ...] = ()
        interval = 60
        if kind in ("prometheus", "openmetrics"):
            signals = tuple(_signal_name(name, folder) for name in table.required("signals", TEXTS))
            interval = table.optional("scrape_interval", INTERVAL, 60)
        yield Source(
            name=name,
            kind=kind,
            cluster=cluster,
            provider=provider,
            settings=_SETTINGS[kind](table, folder),
            signals=signals,
            scrape_interval=interval,
            place=table.place,
        )


def _signal_name(name: str, folder: Path) -> str:
    """`dcgm` is one of ours; what ends in .toml is the operator's own file."""
    return str((folder / name).resolve()) if name.endswith(".toml") else name


def _prometheus(table: Table, folder: Path) -> Settings:
    url = table.required("url", TEXT)
    try:
        parts = urlsplit(url)
        if url and (parts.scheme not in ("http", "https") or not parts.hostname):
            table.wrong("url", "an address such as http://prometheus:9090", f'"{url}"')
        elif parts.password or parts.username:
            table.wrong("url", "an address without a password in it: name a bearer_token_env", "a password")
    except ValueError:
        table.wrong("url", "an address such as http://prometheus:9090", f'"{url}"')
    settings: Settings = {"url": url.rstrip("/"), "timeout": table.optional("timeout", INTERVAL, 120)}
    if token := table.optional("bearer_token_env", VARIABLE, ""):
        settings["bearer_token_env"] = token
    return settings


def _openmetrics(table: Table, folder: Path) -> Settings:
    return {}


def _request_log(table: Table, folder: Path) -> Settings:
    settings: Settings = {
        "columns": _columns(table),
        "tenant_kind": table.optional("tenant_kind", TENANT_KIND, "tenant"),
    }
    outcomes = table.optional("outcomes", TEXTS_TABLE, {})
    for outcome in outcomes:
        if outcome not in OUTCOMES:
            table.wrong("outcomes", f"statuses for {', '.join(OUTCOMES)}", f'some for "{outcome}"')
    naive = table.optional("naive_times", NAIVE, "")
    settings |= {"outcomes": outcomes} if outcomes else {}
    settings |= {"naive_times": naive} if naive else {}
    return settings | _path(table, folder)


def _columns(table: Table) -> dict[str, str]:
    columns = table.optional("columns", TEXT_TABLE, dict(DEFAULT))
    if columns:  # else it has its mistake already
        try:
            mapping_of({"columns": columns})
        except ValueError as error:
            expected, _, found = str(error).removeprefix("columns: expected ").partition(", found ")
            table.wrong("columns", expected, found or show(columns))
    return columns


def _bill(table: Table, folder: Path) -> Settings:
    return {"export": table.optional("export", LOOSE_TEXT, "")} | _place(table, folder)


def _reports(table: Table, folder: Path) -> Settings:
    """A provider's API of costs and usage; without the variable of a key its pages are brought by hand."""
    settings: Settings = {"timeout": table.optional("timeout", INTERVAL, 60)}
    if variable := table.optional("admin_key_env", VARIABLE, ""):
        settings["admin_key_env"] = variable
    if first := table.optional("from", MOMENT, None):
        settings["from"] = first.replace(hour=0).isoformat()
    if url := table.optional("url", TEXT, ""):
        if not url.startswith(("http://", "https://")) or "@" in url:
            table.wrong(
                "url", "an address such as https://proxy.example.com/v1, without a password", "another"
            )
        settings["url"] = url
    return settings


def _place(table: Table, folder: Path) -> Settings:
    """A folder, or a bucket that speaks S3; secrets are named by their variables."""
    url = table.optional("url", TEXT, "")
    if not url:
        return _path(table, folder)
    parts = urlsplit(url)
    if parts.scheme != "s3" or not parts.netloc or "@" in parts.netloc:
        table.wrong("url", "a bucket such as s3://bills/exports", f'"{url}"')
    if table.optional("path", TEXT, ""):
        table.wrong("path", "either a path or a url", "both")
    settings: Settings = {"url": url}
    if endpoint := table.optional("endpoint_url", TEXT, ""):
        if not endpoint.startswith(("http://", "https://")) or "@" in endpoint:
            table.wrong("endpoint_url", "an address such as https://minio.example.com:9000", f'"{endpoint}"')
        settings["endpoint_url"] = endpoint
    if region := table.optional("region", TEXT, ""):
        settings["region"] = region
    for key in ("access_key_id_env", "secret_access_key_env"):
        if variable := table.optional(key, VARIABLE, ""):
            settings[key] = variable
    return settings


def _path(table: Table, folder: Path) -> Settings:
    """A file or a folder that is looked at for news."""
    path = table.optional("path", TEXT, "")
    return {"path": str((folder / path).resolve())} if path else {}


_SETTINGS: dict[str, Callable[[Table, Path], Settings]] = {
    "prometheus": _prometheus,
    "openmetrics": _openmetrics,
    "request_log": _request_log,
    "focus": _bill,
    "aws_export": _bill,
    "azure_export": _bill,
    "gcp_export": _bill,
    "openai": _reports,
    "anthropic": _reports,
}
