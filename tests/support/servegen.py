"""Two weeks of real per-client load as tokens by step: `../shared/data/servegen`, where it is present."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.support.simulated_engine import Load

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "servegen"
MODELS = ("m-small", "m-mid", "m-large")
_WINDOW = 6 * 3600


def need_servegen() -> None:
    """Skip where the real load is not beside the checkout."""
    if not FOLDER.exists():
        pytest.skip(f"{FOLDER} is not here: the real load is no part of the checkout")


@cache
def real_load(model: str) -> Load:
    """Tokens by 10-minute step and client; hours of which a client's mean tokens are unknown are left out.

    The load does not say what was cached: each client gets a cached part of its input of its own (a system
    prompt and a habit), between 0 and 80 %, that moves a little from one six hours to the next.
    """
    rates = pd.read_parquet(FOLDER / "client_request_rates.parquet").query("model == @model")
    means = pd.read_parquet(FOLDER / "client_token_means.parquet").query("model == @model")
    rates = rates.assign(window=rates.start_s // _WINDOW)
    means = means.assign(window=means.start_s // _WINDOW).drop(columns="start_s")
    rows = rates.merge(means, on=["model", "client", "window"])
    rows["given"] = rows.requests_per_s * 600 * rows.mean_input_tokens
    rows["output"] = rows.requests_per_s * 600 * rows.mean_output_tokens
    steps = pd.RangeIndex(int(rates.start_s.max() // 600) + 1)
    given, output = (
        rows.pivot_table(index=rows.start_s // 600, columns="client", values=name, aggfunc="sum")
        .reindex(steps, fill_value=0)
        .fillna(0)
        .to_numpy()
        for name in ("given", "output")
    )
    part = _cached_part(*given.shape)
    return Load(given * (1 - part), given * part, output)


def _cached_part(steps: int, clients: int) -> np.ndarray:
    rng = np.random.default_rng(11)
    windows = -(-steps // 36)
    own = rng.uniform(0.0, 0.8, clients)
    moved = np.clip(own + rng.normal(0, 0.05, (windows, clients)), 0, 0.95)
    return np.repeat(moved, 36, axis=0)[:steps]
