"""Two weeks of real per-client load through an engine whose true weights are known. docs/token-weights.md.

What counts is not the weights but what tenants pay: `worst_share` is the largest error of one tenant's share
of the work, as a part of all work.
"""

import numpy as np
import pytest

from attribution.domain.fit_phases import fit_phases
from attribution.domain.fit_result import TokenFit
from attribution.domain.fit_tokens import fit_tokens
from tests.support.servegen import MODELS, need_servegen, real_load
from tests.support.simulated_engine import Engine, Load, run

pytestmark = pytest.mark.slow
DEFAULT = (1.0, 0.1, 2.0)
ENGINES = {
    "balanced": Engine(),
    "noisy": Engine(noise=0.25),
    "spinning": Engine(idle=0.3, headroom=3.5),
    "decode dear": Engine(computed=40.0, cached=1.0, output=1500.0),
    "prefill dear": Engine(computed=400.0, cached=40.0, output=500.0),
}


@pytest.fixture(autouse=True)
def _real_load() -> None:
    need_servegen()


def true_weights(engine: Engine) -> tuple[float, float, float]:
    return engine.computed, engine.cached, engine.output


def worst_share(load: Load, weights: tuple[float, ...], truth: tuple[float, ...]) -> float:
    tokens = load.of_tenants()
    said, real = (np.array(each) @ tokens for each in (weights, truth))
    return float(np.abs(said / said.sum() - real / real.sum()).max())


def found_weights(fit: TokenFit) -> tuple[float, float, float]:
    assert fit.coefficients is not None, fit.refusals
    by = fit.coefficients
    return float(by.a), float(by.c), float(by.b)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("name", ENGINES)
def test_busy_time_puts_no_tenant_wrong_by_more_than_a_hundredth(model: str, name: str) -> None:
    engine, load = ENGINES[name], real_load(model)
    fit = fit_tokens(run(engine, load))
    error = worst_share(load, found_weights(fit), true_weights(engine))
    undeclared = worst_share(load, DEFAULT, true_weights(engine))
    assert error < 0.01
    assert error < undeclared / 3
    assert fit.explained is not None
    assert fit.explained > 0.75


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("name", ENGINES)
def test_phases_put_no_tenant_wrong_by_more_than_a_three_hundredth(model: str, name: str) -> None:
    engine, load = ENGINES[name], real_load(model)
    weights = found_weights(fit_phases(run(engine, load)))
    assert worst_share(load, weights, true_weights(engine)) < 1 / 300


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    ("engine", "reason"),
    [
        (Engine(other=0.3, headroom=6.0), "tokens explain"),
        (Engine(release=2.0), "the coefficients drift"),
        (Engine(headroom=1.05), "busy to the full"),
    ],
    ids=["something else runs there", "a release in the middle", "saturated"],
)
def test_what_cannot_be_told_is_refused(model: str, engine: Engine, reason: str) -> None:
    fit = fit_tokens(run(engine, real_load(model)))
    assert fit.coefficients is None
    assert any(reason in text for text in fit.refusals)


@pytest.mark.parametrize("model", MODELS)
def test_one_habit_for_all_and_two_days_are_refused(model: str) -> None:
    load = real_load(model)
    given = load.computed + load.cached
    alike = Load(given * 0.6, given * 0.4, given * 0.15)
    assert any("do not vary on their own" in text for text in fit_tokens(run(Engine(), alike)).refusals)
    short = Load(*(values[: 48 * 6] for values in (load.computed, load.cached, load.output)))
    assert any("are needed" in text for text in fit_tokens(run(Engine(), short)).refusals)


def table() -> None:
    """Print the table of the documentation."""
    for name, engine in ENGINES.items():
        for model in MODELS:
            load, truth = real_load(model), true_weights(engine)
            sample = run(engine, load)
            cells = []
            for fit in (fit_tokens(sample), fit_phases(sample)):
                weights = found_weights(fit)
                cells.append(" / ".join(f"{weight:.1f}" for weight in weights))
                cells.append(f"{worst_share(load, weights, truth):.2%}")
            cells.append(f"{worst_share(load, DEFAULT, truth):.2%}")
            text = " / ".join(f"{weight:g}" for weight in truth)
            print(f"| {name} | {model} | {text} | {' | '.join(cells)} |")


if __name__ == "__main__":
    table()
