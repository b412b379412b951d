"""FOCUS 1.2 bills of the demo's providers, one module a provider."""

from collections.abc import Callable, Iterator

from portal.demo.bills.aws import aws_rows
from portal.demo.bills.azure import azure_rows
from portal.demo.bills.bedrock import bedrock_rows
from portal.demo.bills.colocation import colocation_rows
from portal.demo.bills.row import Row
from portal.demo.span import Span
from portal.demo.world import World

# By the name of the source in fleet.toml.
BILLS: dict[str, Callable[[World, Span], Iterator[Row]]] = {
    "aws-bill": aws_rows,
    "azure-bill": azure_rows,
    "fjord-bill": colocation_rows,
    "bedrock-bill": bedrock_rows,
}
