"""How figures are written on a page. Unknown is "–", never 0; a minus is U+2212, never a hyphen.

Money comes in whole nano-units (1e-9 of the currency unit) and is rounded here for the eye only; exports have
the exact decimals. Rounding is half to even, as in the ledger.
"""

from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

DASH = "–"
MINUS = "\N{MINUS SIGN}"
NANO_DIGITS = 9

SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "CNY": "CN¥", "INR": "₹", "KRW": "₩"}
# Currencies whose smallest coin is the unit itself.
WITHOUT_CENTS = {"JPY", "KRW"}

Number = int | Decimal | Fraction | float


def sentence(text: str) -> str:
    """It begins with a capital, unless with a name that is written otherwise, such as c1/a100."""
    first = text.split(" ", 1)[0].rstrip(":,;")
    return text[:1].upper() + text[1:] if first.isalpha() else text


def decimal_of(value: Number) -> Decimal:
    """An exact Decimal where there is one; a float through its shortest decimal, a fraction to 28 digits."""
    if isinstance(value, Fraction):
        return Decimal(value.numerator) / Decimal(value.denominator)
    return Decimal(str(value)) if isinstance(value, float) else Decimal(value)


def plain(value: Number | None, places: int = 0, *, signed: bool = False) -> str:
    """A number with thousands separators: 4,631,822 or −0.5. `signed` writes the plus as well."""
    if value is None:
        return DASH
    number = decimal_of(value)
    if not number.is_finite():
        return DASH
    rounded = number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)
    sign = MINUS if rounded < 0 else "+" if signed and rounded > 0 else ""
    return f"{sign}{abs(rounded):,f}"


def counted(count: int | None, noun: str) -> str:
    """A count with its noun, which takes an s unless it is one: "1 row", "2,304 windows"."""
    return f"{plain(count)} {noun}{'' if count == 1 else 's'}"


def cents(currency: str) -> int:
    """How many decimal places a currency is written with in tables."""
    return 0 if currency.upper() in WITHOUT_CENTS else 2


def amount(nano: int | None, places: int = 2, *, signed: bool = False) -> str:
    """Money without its symbol, for tables whose caption names the currency: 18,420.11."""
    return plain(None if nano is None else Decimal(nano).scaleb(-NANO_DIGITS), places, signed=signed)


def priced(value: Number | None, currency: str, places: int = 2, *, signed: bool = False) -> str:
    """A value in whole currency units with its symbol: $1.06, −€236, 12.00 CHF."""
    text = plain(value, places, signed=signed)
    if text == DASH:
        return DASH
    symbol = SYMBOLS.get(currency.upper())
    if symbol is None:
        return f"{text}\N{NO-BREAK SPACE}{currency.upper()}"
    sign = text[0] if text[0] in (MINUS, "+") else ""
    return f"{sign}{symbol}{text[len(sign) :]}"


def money(nano: int | None, currency: str, places: int | None = None, *, signed: bool = False) -> str:
    """Nano-units with the currency's symbol; without `places`, as many as the currency's coins have."""
    value = None if nano is None else Decimal(nano).scaleb(-NANO_DIGITS)
    return priced(value, currency, cents(currency) if places is None else places, signed=signed)


def percent(ratio: Number | None, places: int = 1, *, signed: bool = False) -> str:
    """A ratio as a percentage: 0.187 is 18.7%."""
    text = plain(None if ratio is None else decimal_of(ratio) * 100, places, signed=signed)
    return text if text == DASH else f"{text}%"


def known_share(ratio: Number | None, places: int = 1) -> str:
    """How much of something is known, as a percentage that says 100% of nothing less: 0.99952 is 99.9%."""
    if ratio is None or not 0 < (known := decimal_of(ratio)) < 1:
        return percent(ratio, places)
    step = Decimal(1).scaleb(-places - 2)
    return percent(min(max(known, step), 1 - step), places)


def points(difference: Number | None, places: int = 1) -> str:
    """A difference between two ratios in percentage points: +2.1 pt."""
    text = plain(None if difference is None else decimal_of(difference) * 100, places, signed=True)
    return text if text == DASH else f"{text}\N{NO-BREAK SPACE}pt"


def share(part: int | None, whole: int | None) -> Fraction | None:
    """Part of a whole, exactly; None where either is unknown or the whole is zero."""
    return None if part is None or not whole else Fraction(part, whole)


def change(now: Number | None, before: Number | None) -> Fraction | None:
    """Relative change from `before` to `now`; None where it has no meaning (unknown, or from zero)."""
    if now is None or before is None or not before:
        return None
    base = Fraction(decimal_of(before))
    return (Fraction(decimal_of(now)) - base) / abs(base)


def data_size(size: int | None) -> str:
    """Bytes in decimal units, as providers bill them: 1.2 TB."""
    if size is None:
        return DASH
    value, unit = Decimal(size), "B"
    for unit in ("B", "kB", "MB", "GB", "TB", "PB"):
        if abs(value) < 1000 or unit == "PB":
            break
        value /= 1000
    return f"{plain(value, 0 if unit == 'B' else 1)}\N{NO-BREAK SPACE}{unit}"
