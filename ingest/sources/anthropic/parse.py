"""Results of Anthropic's cost report become charges, those of its usage report counts. Pure."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from ingest.sources.focus.cells import currency_of, decimal_of, moment_of
from ingest.sources.native_bill import Record, Span, needed
from ingest.sources.provider_use import Use, count_at
from ingest.sources.report_bill import Flat, category_of, month_of, text_of

# Usage of the Priority Tier is paid by commitment and stands in no line of the cost report.
PRIORITY = " (priority tier)"
_CACHE_WRITES = ("ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens")


class Costs:
    """`amount` is a decimal text of *cents*: "123.45" is 1.2345 dollars."""

    typed = frozenset(("startingat", "endingat", "amount", "currency", "description", "workspaceid"))
    volatile = frozenset[str]()

    def period(self, record: Record) -> Span:
        """The calendar month of the bucket, in UTC."""
        return month_of(_moment(record, "startingat", "starting_at"))

    def charges(self, record: Record, period: Span) -> Sequence[dict[str, Any]]:
        """One: the workspace is the sub-account; keys are in the usage report only."""
        amount, line = _dollars(record), record.get("description")
        model, tokens = record.get("model"), record.get("tokentype")
        meter = " ".join(filter(None, (model, tokens))) or record.get("costtype") or line
        return [
            {
                "charge_period_start": _moment(record, "startingat", "starting_at"),
                "charge_period_end": _moment(record, "endingat", "ending_at"),
                "billing_currency": _currency(record),
                "billed_cost": amount,
                "effective_cost": amount,
                "list_cost": None,
                "contracted_cost": None,
                "charge_category": category_of(line),
                "charge_frequency": "Usage-Based",
                "charge_description": line,
                "service_category": "AI and Machine Learning",
                "service_name": "Anthropic API",
                "sub_account_id": record.get("workspaceid"),
                "sku_meter": meter,
                "extra": {"ServiceProviderName": "Anthropic"} | ({"x_Model": model} if model else {}),
            }
        ]

    def lacking(self, record: Record) -> tuple[Decimal | None, str]:
        """The amount, and its currency."""
        return _dollars(record), _currency(record)

    def exported_at(self, record: Record) -> datetime | None:
        """The report does not say."""
        return None


def bucket(said: dict[str, Any]) -> Flat:
    """What a bucket says of all its results."""
    return {name: text_of(said.get(name)) for name in ("starting_at", "ending_at")}


def use_of(record: Record) -> Use:
    """A result of the usage report; its classes of tokens are disjoint, ours count cached ones as input.

    Raises BadCell.
    """
    uncached = count_at(record, "uncachedinputtokens", "uncached_input_tokens")
    read = count_at(record, "cachereadinputtokens", "cache_read_input_tokens")
    written = [
        count_at(record, f"cachecreation{name.replace('_', '')}", f"cache_creation.{name}")
        for name in _CACHE_WRITES
    ]
    known = [count for count in (uncached, read, *written) if count is not None]
    writes = [count for count in written if count is not None]
    tier = PRIORITY if record.get("servicetier") in ("priority", "priority_on_demand") else ""
    return Use(
        hour=_moment(record, "startingat", "starting_at"),
        project=record.get("workspaceid") or "",
        api_key=record.get("apikeyid") or "",
        model=f"{record.get('model') or ''}{tier}",
        input_tokens=sum(known) if known else None,
        cached_tokens=read,
        cache_write_tokens=sum(writes) if writes else None,
        output_tokens=count_at(record, "outputtokens", "output_tokens"),
        tool_calls=count_at(record, "servertoolusewebsearchrequests", "server_tool_use.web_search_requests"),
    )


def _dollars(record: Record) -> Decimal:
    # A shift of the exponent: exact, whatever the number of digits.
    amount = decimal_of("amount", needed(record, "amount", "amount"))
    sign, digits, exponent = amount.as_tuple()
    assert isinstance(exponent, int)  # noqa: S101 - decimal_of gives finite numbers only
    return Decimal((sign, digits, exponent - 2))


def _currency(record: Record) -> str:
    return currency_of("currency", needed(record, "currency", "currency"))


def _moment(record: Record, key: str, column: str) -> datetime:
    return moment_of(column, needed(record, key, column))
