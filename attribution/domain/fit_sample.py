"""Hours of one (model, accelerator, runtime) from which token weights are fitted."""

from dataclasses import dataclass, fields

import numpy as np

from attribution.domain.least_squares import Floats, Int64

# Above this share of its devices' time a service is saturated: busy time no longer grows with tokens.
SATURATED = 0.95
SATURATED_HOURS = "busy to the full"
# Of an hour's device-minutes, this share has to have a sample: tokens are counted whole, busy time is not.
SAMPLED = 0.95


@dataclass(frozen=True)
class FitSample:
    """A row for each (hour, service, cluster), sorted by hour; times in device-seconds, tokens as counts.

    `hour` is in epoch seconds. `held` is what the service's devices could have given, `sampled` of which has
    a sample, `busy` their engine activity. `computed` is input without the cached part. The phases are
    engine seconds that the runtime timed itself, with the tokens that it counted in them; NaN: not told.
    """

    hour: Int64
    held: Floats
    sampled: Floats
    busy: Floats
    computed: Floats
    cached: Floats
    output: Floats
    prefill: Floats
    decode: Floats

    def __len__(self) -> int:
        return len(self.hour)

    def only(self, kept: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> "FitSample":
        """The rows that a mask keeps."""
        return FitSample(**{field.name: getattr(self, field.name)[kept] for field in fields(self)})

    def halves(self) -> "tuple[FitSample, FitSample]":
        """Earlier and later rows; no hour is in both."""
        middle = np.unique(self.hour)[len(np.unique(self.hour)) // 2] if len(self) else 0
        return self.only(self.hour < middle), self.only(self.hour >= middle)


def usable(sample: FitSample) -> tuple[FitSample, dict[str, int]]:
    """The rows that busy time can be explained from, and how many others there are, by reason."""
    tokens = sample.computed + sample.cached + sample.output
    reasons = {
        "no device time": sample.held <= 0,
        "a gap in the samples": sample.sampled < SAMPLED * sample.held,
        SATURATED_HOURS: sample.busy > SATURATED * sample.sampled,
        "no tokens, no work": (tokens <= 0) & (sample.busy <= 0),
    }
    left = np.ones(len(sample), dtype=bool)
    counts = {}
    for reason, of_reason in reasons.items():
        if count := int((left & of_reason).sum()):
            counts[reason] = count
        left &= ~of_reason
    return sample.only(left), counts
