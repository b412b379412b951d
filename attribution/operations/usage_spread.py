"""In which hours a provider counted what it bills by the day."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from attribution.domain.billed_account import BilledAccount
from attribution.domain.billed_model import plain_model
from attribution.domain.provider_shares import tokens_of
from attribution.models.bill import Bill
from attribution.queries.provider_usage import ProviderUse, provider_use


class UsageSpread:
    """Answers tokens by hour for the accounts of one bill, by the usage report of the same source."""

    def __init__(self, bill: Bill) -> None:
        self._by_model: dict[str, list[ProviderUse]] = defaultdict(list)
        for use in provider_use([bill.source_id], bill.period_start, bill.period_end):
            self._by_model[plain_model(use.model)].append(use)
        self._hourly: dict[BilledAccount, dict[datetime, int]] = {}

    def hours(self, account: BilledAccount, start: datetime, end: datetime) -> Mapping[datetime, int] | None:
        """Tokens of the account by hour of [start, end); None: nothing was counted."""
        if not account.model or not self._by_model:
            return None
        if account not in self._hourly:
            self._hourly[account] = self._count(account)
        hourly = self._hourly[account]
        inside = {hour: count for hour, count in hourly.items() if start <= hour < end}
        return inside or None

    def _count(self, account: BilledAccount) -> dict[datetime, int]:
        counted: dict[datetime, int] = defaultdict(int)
        for use in self._by_model.get(account.model, ()):
            if account.project in ("", use.project) and account.api_key in ("", use.api_key):
                counted[use.hour] += tokens_of(use.tokens, account.tokens) or 0
        return {hour: count for hour, count in counted.items() if count}
