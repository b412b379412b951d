"""Who asks what of which service, and how often."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from portal.demo.rhythm import Floats, rhythm
from portal.demo.span import Seconds, Span

# How the requests of a flow become known: counters of the gateway, or a line each in a log.
Via = Literal["gateway", "log"]


@dataclass(frozen=True)
class Flow:
    """One team's requests to one service: `peak` an hour, tokens and seconds of a mean request.

    `cached` is the share of input tokens that the prefix cache answers; `growth` is per day; `moody` is how
    much an hour differs from the usual (the standard deviation of its logarithm).
    """

    team: str
    service: str
    model: str
    via: Via
    peak: float
    rhythm: str
    input_tokens: float = 0.0
    output_tokens: float = 0.0
    cached: float = 0.0
    seconds: float = 1.0
    growth: float = 0.0
    moody: float = 0.12

    @property
    def work(self) -> float:
        """Seconds of engines that a mean request takes."""
        if self.service not in TOKEN_MICROSECONDS:
            return self.seconds
        computed, cached, output = TOKEN_MICROSECONDS[self.service]
        read = self.input_tokens * ((1 - self.cached) * computed + self.cached * cached)
        return (read + self.output_tokens * output) / 1e6

    def rate(self, span: Span, times: Seconds) -> Floats:
        """Requests an hour at epoch seconds; the noise of an hour is the same for whoever asks."""
        start = int(span.start.timestamp())
        noise = span.random("demand", self.team, self.service).normal(0.0, self.moody, span.days * 24 + 1)
        hour = np.clip((times - start) // 3_600, 0, span.days * 24)
        grown = (1.0 + self.growth) ** ((times - start) / 86_400 - span.days)
        rate: Floats = self.peak * rhythm(self.rhythm, times) * np.exp(noise[hour]) * grown
        return rate


_LLAMA, _SMALL, _CODE = "llama-3.3-70b-instruct", "llama-3.1-8b-instruct", "qwen2.5-coder-32b"
_NANO = "gpt-4.1-nano"
_BGE, _FLUX, _RERANK, _FRONTIER = "bge-m3", "flux.1-dev", "bge-reranker-v2-m3", "claude-sonnet-4.5"
# What a token costs an engine, in microseconds of device time: computed and cached input, output. Of these
# services tokens decide how busy the devices are, of others the mean seconds of a request.
TOKEN_MICROSECONDS = {"chat-small": (900.0, 60.0, 4_200.0)}
# A team of the gateway that no tenant rule knows: somebody made a key for a weekend and kept it.
UNMATCHED = "weekend-hack"

FLOWS: tuple[Flow, ...] = (
    Flow("customer-chat", "chat-large", _LLAMA, "gateway", 5_200, "people", 1_850, 310, 0.42, 6.8, 0.006),
    Flow("lending", "chat-large", _LLAMA, "gateway", 1_150, "office", 4_200, 520, 0.18, 11.5),
    Flow("claims", "chat-large", _LLAMA, "gateway", 1_900, "office", 3_100, 640, 0.25, 12.9),
    Flow("fraud", "chat-large", _LLAMA, "gateway", 620, "steady", 5_400, 120, 0.05, 4.1),
    Flow(UNMATCHED, "chat-large", _LLAMA, "gateway", 260, "people", 2_400, 900, 0.02, 17.2),
    Flow("customer-chat", "chat-small", _SMALL, "gateway", 21_000, "people", 620, 140, 0.55, 1.9, 0.004, 0.3),
    Flow("cards", "chat-small", _SMALL, "gateway", 9_400, "people", 480, 95, 0.38, 1.3, moody=0.5),
    Flow("search", "chat-small", _SMALL, "gateway", 14_500, "steady", 900, 25, 0.88, 0.7, moody=0.6),
    Flow("pricing", "chat-small", _SMALL, "gateway", 2_600, "nights", 1_900, 60, 0.10, 1.6, moody=0.6),
    Flow(UNMATCHED, "chat-small", _SMALL, "gateway", 900, "people", 700, 420, 0.02, 4.9, moody=0.8),
    Flow("developers", "code-assist", _CODE, "gateway", 3_900, "office", 5_800, 260, 0.66, 4.4, 0.009),
    Flow("research", "code-assist", _CODE, "gateway", 700, "office", 7_300, 540, 0.31, 8.0),
    Flow("pricing", "code-assist", _CODE, "gateway", 260, "office", 4_900, 380, 0.22, 6.1),
    Flow("search", "embeddings", _BGE, "gateway", 52_000, "steady", 390, 0, 0.0, 0.08),
    Flow("claims", "embeddings", _BGE, "gateway", 9_000, "nights", 510, 0, 0.0, 0.09),
    Flow("fraud", "embeddings", _BGE, "gateway", 15_500, "nights", 270, 0, 0.0, 0.06),
    Flow("lending", "frontier", _FRONTIER, "gateway", 180, "office", 9_800, 1_150, 0.48, 21.0),
    Flow("research", "frontier", _FRONTIER, "gateway", 310, "office", 12_500, 1_700, 0.57, 28.0, 0.012),
    Flow("developers", "frontier", _FRONTIER, "gateway", 540, "office", 16_000, 900, 0.72, 17.0),
    Flow("search", "answers", _NANO, "log", 14, "office", 2_300, 240, 0.35, 2.6),
    Flow("claims", "answers", _NANO, "log", 9, "office", 3_900, 410, 0.10, 4.4),
    Flow("cards", "answers", _NANO, "log", 11, "people", 1_200, 150, 0.20, 1.9),
    Flow("search", "rerank", _RERANK, "log", 210, "steady", seconds=0.35),
    Flow("fraud", "rerank", _RERANK, "log", 60, "nights", seconds=0.5),
    Flow("cards", "rerank", _RERANK, "log", 45, "people", seconds=0.4),
    Flow("brand-studio", "image-gen", _FLUX, "log", 160, "office", seconds=14.0),
    Flow("customer-chat", "image-gen", _FLUX, "log", 70, "people", seconds=9.0),
)  # fmt: skip


def load(service: str, span: Span, times: Seconds) -> Floats:
    """How much of a service's peak is asked for, about 0 to 1; services without flows follow the office."""
    flows = [flow for flow in FLOWS if flow.service == service]
    if not flows:
        return rhythm("office" if service else "nights", times)
    asked: Floats = np.sum([flow.rate(span, times) * flow.work for flow in flows], axis=0)
    share: Floats = asked / sum(flow.peak * flow.work for flow in flows)
    return share
