"""The kinds of sources that bring bills, and how each is read."""

from collections.abc import Callable
from typing import NamedTuple

from ingest.sources.anthropic import client as anthropic
from ingest.sources.aws_export import client as aws
from ingest.sources.aws_export import manifest as aws_manifest
from ingest.sources.azure_export import client as azure
from ingest.sources.azure_export import manifest as azure_manifest
from ingest.sources.bill_row import OpenBill
from ingest.sources.bill_run import Run
from ingest.sources.file_list import NamedFile
from ingest.sources.focus import client as focus
from ingest.sources.focus.open import open_bill as open_focus
from ingest.sources.gcp_export import client as gcp
from ingest.sources.openai import client as openai
from ingest.sources.provider_api import ProviderApi


class Manifests(NamedTuple):
    """How a provider tells which files make a run."""

    named: Callable[[str], bool]
    read: Callable[[str, bytes], Run]


class BillKind(NamedTuple):
    """`manifests` None: whatever lies in the place is one delivery. `api`: there is no place, it is asked."""

    open: Callable[[NamedFile], OpenBill]
    endings: tuple[str, ...]
    manifests: Manifests | None = None
    api: ProviderApi | None = None


BILL_KINDS = {
    "focus": BillKind(open_focus, focus.ENDINGS),
    "aws_export": BillKind(
        aws.open_bill, aws.ENDINGS, Manifests(aws_manifest.is_manifest, aws_manifest.read_manifest)
    ),
    "azure_export": BillKind(
        azure.open_bill, azure.ENDINGS, Manifests(azure_manifest.is_manifest, azure_manifest.read_manifest)
    ),
    "gcp_export": BillKind(gcp.open_bill, gcp.ENDINGS),
    "openai": BillKind(openai.open_bill, openai.ENDINGS, api=openai.API),
    "anthropic": BillKind(anthropic.open_bill, anthropic.ENDINGS, api=anthropic.API),
}
