"""Fitting against an engine whose true weights are known, and each reason to refuse."""

from dataclasses import replace

import numpy as np
import pytest

from attribution.domain import fit_checks
from attribution.domain.fit_choice import best_fit
from attribution.domain.fit_phases import fit_phases
from attribution.domain.fit_tokens import fit_tokens
from tests.support.simulated_engine import Engine, Load, run, steady_load

ENGINE = Engine(noise=0.05, headroom=4)
LOAD = steady_load(240)
BOTH = pytest.mark.parametrize("fit", [fit_tokens, fit_phases], ids=["busy", "phases"])


def weights(found):
    by = found.coefficients
    return np.array([float(by.a), float(by.c), float(by.b)])


@pytest.mark.parametrize(("fit", "off", "held"), [(fit_tokens, 0.1, 24), (fit_phases, 0.02, 29)])
def test_it_comes_close_to_the_true_weights(fit, off, held):
    """Ten runs: `off` at most, and `held` of 30 intervals hold the truth.

    Intervals of busy time are somewhat narrow for their 95 %: resampled hours know nothing of the noise that
    dear hours share.
    """
    inside = 0
    for seed in range(10):
        found = fit(run(ENGINE, LOAD, seed))
        assert found.refusals == ()
        assert found.explained > 0.9
        a, _, b = weights(found)
        assert a == pytest.approx(ENGINE.computed, rel=off)
        assert b == pytest.approx(ENGINE.output, rel=off)
        for name in ("computed", "cached", "output"):
            estimate = found.estimates[name]
            inside += estimate.low <= getattr(ENGINE, name) <= estimate.high
    assert inside == held


def test_what_devices_do_without_tokens_is_not_the_tokens():
    spinning = fit_tokens(run(ENGINE.with_(idle=0.3, headroom=6), LOAD))
    assert spinning.estimates["idle"].value == pytest.approx(0.3, abs=0.02)
    assert weights(spinning) == pytest.approx(weights(fit_tokens(run(ENGINE, LOAD))), rel=0.1, abs=4)


@BOTH
def test_the_same_rows_give_the_same_figures_and_more_tokens_of_less_work_give_less(fit):
    sample = run(ENGINE, LOAD)
    assert fit(sample) == fit(sample)
    tenfold = replace(
        sample, computed=sample.computed * 10, cached=sample.cached * 10, output=sample.output * 10
    )
    assert weights(fit(tenfold)) == pytest.approx(weights(fit(sample)) / 10, abs=0.001)


@BOTH
def test_too_few_hours_are_refused(fit):
    assert fit(run(ENGINE, steady_load(71))).refusals == ("71 usable hours; 72 are needed",)
    assert fit(run(ENGINE, steady_load(72))).hours == 72


def together(load: Load) -> Load:
    """Every tenant has the same proportion of output to input."""
    given = load.computed + load.cached
    return Load(load.computed, load.cached, given * 0.3)


def test_classes_that_do_not_vary_on_their_own_are_refused():
    (reason,) = [
        text for text in fit_tokens(run(ENGINE, together(LOAD))).refusals if "output tokens do" in text
    ]
    assert "variance inflation" in reason
    assert fit_phases(run(ENGINE, together(LOAD))).refusals == ()  # decode time is only of output


def test_a_single_habit_of_caching_is_refused_by_both_ways():
    load = Load(LOAD.computed, LOAD.computed * 0.4, LOAD.output)
    for fit in (fit_tokens, fit_phases):
        assert any(
            "cached tokens do not vary on their own" in text for text in fit(run(ENGINE, load)).refusals
        )


def test_busy_time_that_follows_something_else_is_refused():
    found = fit_tokens(run(ENGINE.with_(other=0.3, headroom=6), LOAD))
    assert any("tokens explain" in text for text in found.refusals)
    assert found.coefficients is None


@BOTH
def test_a_release_in_the_middle_is_seen_as_drift(fit):
    found = fit(run(ENGINE.with_(release=2.0), LOAD))
    assert any("the coefficients drift" in text for text in found.refusals)
    first, second = run(ENGINE.with_(release=2.0), LOAD).halves()
    assert weights(fit(second))[2] == pytest.approx(2 * weights(fit(first))[2], rel=0.1)


def test_saturated_hours_say_nothing():
    sample = run(ENGINE.with_(headroom=1.02), LOAD)
    found = fit_tokens(sample)
    assert found.left_out["busy to the full"] == 240 - found.hours
    assert found.left_out["busy to the full"] > 60
    assert found.refusals[0].startswith("the devices were busy to the full in")


def test_hours_with_gaps_say_nothing():
    sample = run(ENGINE, LOAD)
    gaps = replace(sample, sampled=np.where(np.arange(240) < 50, sample.held * 0.9, sample.held))
    assert fit_tokens(gaps).left_out == {"a gap in the samples": 50}


def test_without_tokens_or_without_work_there_is_nothing_to_fit():
    sample = run(ENGINE, LOAD)
    none = np.zeros(240)
    assert fit_tokens(replace(sample, computed=none, cached=none, output=none)).refusals == (
        "no tokens were counted",
    )
    assert fit_tokens(replace(sample, busy=none)).refusals == ("the devices were never busy",)
    nothing = replace(sample, computed=none, cached=none, output=none, busy=none)
    assert fit_tokens(nothing).refusals == ("0 usable hours; 72 are needed",)


def test_a_class_without_tokens_keeps_its_default_proportion():
    plain = Load(LOAD.computed, np.zeros_like(LOAD.cached), LOAD.output)
    found = fit_tokens(run(ENGINE, plain))
    a, c, _ = weights(found)
    assert c == pytest.approx(a / 10, abs=0.001)
    assert found.estimates["cached"].value is None
    assert "default proportion" in found.estimates["cached"].note
    reading = Load(LOAD.computed, LOAD.cached, np.zeros_like(LOAD.output))
    a, _, b = weights(fit_tokens(run(ENGINE, reading)))
    assert b == pytest.approx(2 * a, abs=0.002)


def test_output_that_would_cost_nothing_is_refused():
    sample = run(ENGINE.with_(output=0.0), LOAD)
    falling = replace(sample, busy=np.maximum(sample.busy - sample.output * 2e-4, 0))
    assert "output tokens would cost nothing" in fit_tokens(falling).refusals


def test_phases_come_before_busy_time_and_busy_time_before_nothing():
    sample = run(ENGINE, LOAD)
    none = sample.only(np.zeros(len(sample), dtype=bool))
    assert best_fit(sample, sample).method == "phases"
    assert best_fit(sample, none).method == "regression"
    drifting = run(ENGINE.with_(release=2.0), LOAD)
    assert best_fit(sample, drifting).method == "regression"
    assert best_fit(drifting, drifting).method == "phases"
    assert best_fit(drifting, drifting).coefficients is None


@pytest.mark.parametrize(
    ("guard", "value", "sample"),
    [
        ("LEAST_HOURS", 10, lambda: run(ENGINE, steady_load(60))),
        ("MOST_INFLATION", 1e9, lambda: run(ENGINE.with_(idle=0.0), together(LOAD))),
        ("LEAST_EXPLAINED", -9.0, lambda: run(ENGINE.with_(other=0.3, headroom=6), LOAD)),
        ("MOST_DRIFT", 9.0, lambda: run(ENGINE.with_(release=2.0), LOAD)),
    ],
)
def test_each_guard_is_what_refuses(monkeypatch, guard, value, sample):
    """The sabotage: without the guard its own reason is gone, so it was the guard that gave it."""
    before = fit_tokens(sample()).refusals
    monkeypatch.setattr(fit_checks, guard, value)
    after = fit_tokens(sample()).refusals
    assert len(after) < len(before)
