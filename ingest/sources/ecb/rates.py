"""Reference rates of the European Central Bank, from its published file or the copy in the package."""

from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import NamedTuple

from currency_converter import CurrencyConverter, RateNotFoundError

# The bank publishes on working days: a week without one has not happened, Easter leaves four days.
LONGEST_PAUSE = 7
DIGITS = Decimal(1).scaleb(-12)


class NoRate(ValueError):
    """There is no rate; the text says for what, and what to do."""


class DayRate(NamedTuple):
    """One `base` is `rate` of `quote` on `day`; `dated` is the day that the bank published it."""

    base: str
    quote: str
    day: date
    rate: Decimal
    dated: date

    @property
    def carried(self) -> bool:
        """Whether nothing was published on the day, and the last published rate stands for it."""
        return self.dated != self.day


class EcbRates:
    """`file` is the bank's `eurofxref-hist.zip` or its CSV; None: the copy that came with the package."""

    def __init__(self, file: Path | None = None) -> None:
        try:
            self._known = CurrencyConverter(*([str(file)] if file else []), decimal=True)
        except (OSError, ValueError, IndexError, KeyError) as error:
            raise NoRate(f"{file}: expected the bank's eurofxref-hist.zip or .csv ({error})") from error

    @property
    def newest(self) -> date:
        """The last day of which there are rates."""
        newest: date = max(bounds.last_date for bounds in self._known.bounds.values())
        return newest

    def on(self, base: str, quote: str, day: date) -> DayRate:
        """The rate of a day, or of the last day before it that has one, at most a week. Raises NoRate.

        Cross rates go over the euro; rounded once, half to even, to twelve digits.
        """
        for currency in (base, quote):
            if currency not in self._known.currencies:
                listed = ", ".join(sorted(self._known.currencies))
                raise NoRate(f"the ECB publishes no rate of {currency}; it does of {listed}")
        for back in range(LONGEST_PAUSE):
            dated = day - timedelta(days=back)
            try:
                rate = Decimal(self._known.convert(Decimal(1), base, quote, dated))
            except (RateNotFoundError, ValueError):
                continue
            return DayRate(base, quote, day, rate.quantize(DIGITS, ROUND_HALF_EVEN), dated)
        raise NoRate(
            f"no rate of {base} in {quote} for {day}: the newest is of {self.newest}. Get eurofxref-hist.zip "
            "from the ECB and name it with --file"
        )
