"""Results of OpenAI's cost report become charges, those of its usage report counts. Pure."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from ingest.sources.focus.cells import EARLIEST, LATEST, BadCell, currency_of, decimal_of
from ingest.sources.native_bill import Record, Span, decimal_at, needed
from ingest.sources.provider_use import Use, count_at
from ingest.sources.report_bill import Flat, category_of, month_of, text_of

_EPOCH = re.compile(r"[0-9]{9,11}")
# "gpt-4.1-2025-04-14, cached input"; lines without a comma name no model ("web search tool calls").
_MODEL = re.compile(r"(?P<model>[^\s,]+), ")


class Costs:
    """`amount.value` is a number of dollars, or a text of one: exact either way."""

    typed = frozenset(
        (
            "starttime",
            "endtime",
            "amountvalue",
            "amountcurrency",
            "lineitem",
            "projectid",
            "quantity",
            "object",
        )
    )
    volatile = frozenset(("object",))

    def period(self, record: Record) -> Span:
        """The calendar month of the bucket, in UTC."""
        return month_of(_moment(record, "starttime", "start_time"))

    def charges(self, record: Record, period: Span) -> Sequence[dict[str, Any]]:
        """One: the project is the sub-account, the key the resource, the line item the meter."""
        amount = decimal_of("amount.value", needed(record, "amountvalue", "amount.value"))
        line, key = record.get("lineitem"), record.get("apikeyid")
        named = _MODEL.match(line or "")
        return [
            {
                "charge_period_start": _moment(record, "starttime", "start_time"),
                "charge_period_end": _moment(record, "endtime", "end_time"),
                "billing_currency": _currency(record),
                "billed_cost": amount,
                "effective_cost": amount,
                "list_cost": None,
                "contracted_cost": None,
                "charge_category": category_of(line),
                "charge_frequency": "Usage-Based",
                "charge_description": line,
                "service_category": "AI and Machine Learning",
                "service_name": "OpenAI API",
                "resource_id": key,
                "resource_type": "api_key" if key else None,
                "sub_account_id": record.get("projectid"),
                "sku_meter": line,
                "consumed_quantity": decimal_at(record, "quantity", "quantity"),
                "extra": {"ServiceProviderName": "OpenAI"} | ({"x_Model": named["model"]} if named else {}),
            }
        ]

    def lacking(self, record: Record) -> tuple[Any, str]:
        """The amount, and its currency."""
        return decimal_of("", record.get("amountvalue") or ""), _currency(record)

    def exported_at(self, record: Record) -> datetime | None:
        """The report does not say."""
        return None


def bucket(said: dict[str, Any]) -> Flat:
    """What a bucket says of all its results."""
    return {name: text_of(said.get(name)) for name in ("start_time", "end_time")}


def use_of(record: Record) -> Use:
    """A result of the usage report; `input_tokens` include what was read from a cache and written to one.

    Raises BadCell.
    """
    given = count_at(record, "inputtokens", "input_tokens")
    cached = count_at(record, "inputcachedtokens", "input_cached_tokens")
    if given is not None and (cached or 0) > given:
        raise BadCell("input_cached_tokens", f"at most the {given} input tokens that it is part of", cached)
    output = count_at(record, "outputtokens", "output_tokens")
    return Use(
        hour=_moment(record, "starttime", "start_time"),
        project=record.get("projectid") or "",
        api_key=record.get("apikeyid") or "",
        model=record.get("model") or "",
        requests=count_at(record, "nummodelrequests", "num_model_requests"),
        input_tokens=given,
        cached_tokens=cached,
        # Embeddings have no output: 0 of it, and not unknown.
        output_tokens=0 if output is None and "embeddings" in (record.get("object") or "") else output,
    )


def _currency(record: Record) -> str:
    return currency_of("amount.currency", needed(record, "amountcurrency", "amount.currency").upper())


def _moment(record: Record, key: str, column: str) -> datetime:
    text = needed(record, key, column)
    if not _EPOCH.fullmatch(text):
        raise BadCell(column, "Unix seconds", text)
    moment = datetime.fromtimestamp(int(text), UTC)
    if not EARLIEST <= moment < LATEST:
        raise BadCell(column, f"a time from {EARLIEST:%Y} to {LATEST:%Y}", text)
    return moment
