"""An engine whose true token weights are known: tokens of tenants in, busy seconds of devices out.

Ten-minute steps. What is asked beyond the devices' time waits for the next step, noise is one of batching
(it lasts: each step keeps 0.7 of the last one's), and devices are a little busy without any tokens.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from attribution.domain.fit_sample import FitSample

Floats = NDArray[np.float64]
STEP = 600.0
STEPS = 6  # in an hour


@dataclass(frozen=True)
class Engine:
    """Microseconds of device time per token; `noise` is the spread of a step's work (lognormal).

    `idle` is the share of time that devices are busy with nothing; `other` that of something else that runs
    on them for some hours, and has nothing to do with tokens. `headroom`: devices are enough for so much more
    than the mean work of a day, and follow it day by day. `release` makes output tokens so much dearer in the
    second half.
    """

    computed: float = 180.0
    cached: float = 6.0
    output: float = 900.0
    noise: float = 0.10
    idle: float = 0.03
    other: float = 0.0
    headroom: float = 2.5
    release: float = 1.0

    def with_(self, **changes: float) -> "Engine":
        """Another engine."""
        return replace(self, **changes)


@dataclass(frozen=True)
class Load:
    """Tokens by step and tenant [steps, tenants]."""

    computed: Floats
    cached: Floats
    output: Floats

    def of_tenants(self) -> Floats:
        """[3, tenants]: computed, cached and output tokens over all steps."""
        return np.array([self.computed.sum(axis=0), self.cached.sum(axis=0), self.output.sum(axis=0)])


def steady_load(hours: int, seed: int = 3, tenants: int = 8) -> Load:
    """A made-up load by step and tenant: a daily rhythm, and tenants that come and go on their own."""
    rng = np.random.default_rng(seed)
    steps = hours * STEPS
    day = 1 + 0.5 * np.sin(np.arange(steps) / 144 * 2 * np.pi)[:, None]
    moods = np.repeat(rng.lognormal(0, 0.8, (hours, tenants)), STEPS, axis=0)
    requests = rng.poisson(day * moods * 300).astype(float)
    given = requests * rng.uniform(300, 3000, tenants)
    cached = given * np.linspace(0, 0.8, tenants)[rng.permutation(tenants)]
    return Load(given - cached, cached, requests * rng.uniform(30, 900, tenants))


def run(engine: Engine, load: Load, seed: int = 7) -> FitSample:
    """What telemetry would have seen of it, hour by hour; whole hours only."""
    rng = np.random.default_rng(seed)
    steps = len(load.computed) // STEPS * STEPS
    computed, cached, output = (
        values[:steps].sum(axis=1) for values in (load.computed, load.cached, load.output)
    )
    dearer = np.where(np.arange(steps) < steps // 2, 1.0, engine.release)
    prefill = (computed * engine.computed + cached * engine.cached) / 1e6 * _noise(rng, steps, engine.noise)
    decode = output * engine.output * dearer / 1e6 * _noise(rng, steps, engine.noise)
    devices = _devices(prefill + decode, engine.headroom)
    busy = _served(prefill + decode, devices, engine.idle, _other(rng, steps, engine.other))
    by_hour = {
        name: values.reshape(-1, STEPS).sum(axis=1)
        for name, values in {
            "held": devices * STEP, "sampled": devices * STEP, "busy": busy, "computed": computed,
            "cached": cached, "output": output, "prefill": prefill, "decode": decode,
        }.items()
    }  # fmt: skip
    return FitSample(hour=np.arange(steps // STEPS, dtype=np.int64) * 3600, **by_hour)


def _noise(rng: np.random.Generator, steps: int, spread: float) -> Floats:
    own, noise = rng.normal(0, spread * np.sqrt(1 - 0.7**2), steps), np.zeros(steps)
    for step in range(1, steps):
        noise[step] = 0.7 * noise[step - 1] + own[step]
    return np.exp(noise)


def _other(rng: np.random.Generator, steps: int, share: float) -> Floats:
    """Something else runs half of the time, for some hours on end."""
    runs = np.repeat(rng.random(-(-steps // 30)) < 0.5, 30)[:steps]
    return 2 * share * runs


def _devices(work: Floats, headroom: float) -> Floats:
    """Whole devices, decided day by day from the day's mean work."""
    per_day = 144
    days = [work[start : start + per_day].mean() for start in range(0, len(work), per_day)]
    counts = np.maximum(np.ceil(np.array(days) / STEP * headroom), 1)
    return np.repeat(counts, per_day)[: len(work)]


def _served(work: Floats, devices: Floats, idle: float, other: Floats) -> Floats:
    """Busy seconds: at most all there are; what does not fit waits."""
    busy, waiting = np.zeros(len(work)), 0.0
    for step, (asked, count) in enumerate(zip(work, devices, strict=True)):
        free = count * STEP * (1 - idle - min(other[step], 0.9))
        done = min(asked + waiting, free)
        waiting += asked - done
        busy[step] = done + count * STEP * (idle + min(other[step], 0.9))
    return busy
