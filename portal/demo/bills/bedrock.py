"""The managed endpoint: dollars for tokens, the same ones that the gateway counted."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

from portal.demo.bills.row import Payee, Row
from portal.demo.gateway import SCRAPE_SECONDS, asked_by_gateway
from portal.demo.span import DAY, Span, scrapes
from portal.demo.world import World

PAYEE = Payee("AWS", "Amazon Web Services, Inc.", "410055512345", "meridian-endpoints")
# What of a request the provider counts, and dollars a million tokens.
_PRICES = {"input": Decimal("3"), "cache-read-input": Decimal("0.3"), "output": Decimal("15")}
MILLION = Decimal(1_000_000)


def bedrock_rows(world: World, span: Span) -> Iterator[Row]:
    """Tokens a day by kind; failed requests cost nothing here."""
    tokens: dict[tuple[datetime, str], int] = defaultdict(int)
    times = scrapes(span.start, span.end, SCRAPE_SECONDS)
    for flow, what in asked_by_gateway(span).items():
        if flow.service != "frontier":
            continue
        fresh = what.input_tokens - what.cached_tokens
        kinds = zip(_PRICES, (fresh, what.cached_tokens, what.output_tokens), strict=True)
        for kind, counts in kinds:
            for second, count in zip(times.tolist(), counts.tolist(), strict=True):
                tokens[(datetime.fromtimestamp(second // 86_400 * 86_400, UTC), kind)] += count
    for (day, kind), count in sorted(tokens.items()):
        usage = f"USE1-ClaudeSonnet4.5-{kind}-tokens"
        yield Row(
            PAYEE, day, day + DAY, "Usage", "Amazon Bedrock", "AI and Machine Learning",
            f"Claude Sonnet 4.5 {kind} tokens", count * _PRICES[kind] / MILLION,
            quantity=Decimal(count) / 1_000, unit="1K tokens",
            more={"RegionId": "us-east-1", "x_UsageType": usage, "SkuMeter": usage, "SkuId": f"SKU-{kind}"},
        )  # fmt: skip
    yield from _own_model(span)


def _own_model(span: Span) -> Iterator[Row]:
    """A model of our own that was tuned there: no table of models can know the name that its meter has."""
    usage = "USE1-MeridianRisk-ft-0417-output-tokens"
    for day in span.each_day():
        if day.weekday() >= 5:
            continue
        thousands = int(span.random("own model", f"{day:%Y-%m-%d}").integers(400, 900))
        yield Row(
            PAYEE, day, day + DAY, "Usage", "Amazon Bedrock", "AI and Machine Learning",
            "Tuned model output tokens", thousands * Decimal("0.024"),
            quantity=Decimal(thousands), unit="1K tokens",
            more={"RegionId": "us-east-1", "x_UsageType": usage, "SkuMeter": usage, "SkuId": "SKU-tuned"},
        )  # fmt: skip
