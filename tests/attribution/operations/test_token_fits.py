"""From counted hours to approved weights to ledger lines, through the real database."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from attribution.domain.money import split
from attribution.models import FitState, Pool, ServedModel, Service, TokenCoefficients, Window
from attribution.operations.attribute_windows import attribute_range
from attribution.operations.decide_fit import CannotDecide, approve_fit, reject_fit, withdraw_fit
from attribution.operations.interning import intern_labels, intern_models
from attribution.operations.preview.of_fit import preview_of_fit, spans_of_fit
from attribution.operations.propose_fits import propose_fits
from attribution.operations.record_usage import UsageRow, record_usage
from tests.support.fleet import HOUR, Fleet, devices_hour, price, requests_hour, small_fleet
from tests.support.simulated_engine import Engine, run, steady_load
from tests.support.token_hours import MODEL, record_engine, record_timed_phases

pytestmark = pytest.mark.django_db
ENGINE = Engine(noise=0.05, headroom=4)
HOURS = 80
START = HOUR - timedelta(hours=HOURS)
END = HOUR
NOW = datetime(2026, 3, 5, 9, tzinfo=UTC)
USD = 10**9


def sample(engine: Engine = ENGINE) -> Any:
    return run(engine, steady_load(HOURS))


@pytest.fixture
def fleet() -> Fleet:
    made = small_fleet()
    Service.objects.update(runtime="vllm")
    made.service.refresh_from_db()
    return made


def propose(by: str = "ana", **more: Any) -> list[TokenCoefficients]:
    return propose_fits(start=START, end=END, proposed_by=by, now=NOW, **more)


def proposed(fleet: Fleet, engine: Engine = ENGINE) -> TokenCoefficients:
    record_engine(fleet, sample(engine), START)
    (fit,) = propose()
    return fit


def shares() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT t.name, sum(l.amount_nano)::bigint FROM ledger_line l
                 JOIN attribution_window w USING (cluster_id, hour, version)
                 JOIN tenant t ON t.id = l.tenant_id
                WHERE l.hour = %s AND l.use = 'serving' GROUP BY 1""",
            [HOUR],
        )
        return dict(cursor.fetchall())


def work_rows() -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT k.version, k.reason, k.token_coefficients_id, k.input_millionths, k.cached_millionths,
                      k.output_millionths
                 FROM ledger_work k JOIN attribution_window w USING (cluster_id, hour, version)
                WHERE k.hour = %s ORDER BY k.number""",
            [HOUR],
        )
        return cursor.fetchall()


def served_hour(fleet: Fleet) -> dict[str, tuple[int, int, int]]:
    """Two tenants of one priced hour; the gateway calls the model otherwise than the engine."""
    price(fleet, 6 * USD)
    devices_hour(fleet, HOUR, {"n1": {"busy": 0.5}})
    tokens = {"reader": (90_000, 30_000, 1_000), "writer": (10_000, 0, 9_000)}
    requests_hour(
        fleet,
        HOUR,
        [
            {
                "tenant": name,
                "requests": 5,
                "input_tokens": given,
                "cached_tokens": cached,
                "output_tokens": out,
            }
            for name, (given, cached, out) in tokens.items()
        ],
    )
    (label,), (model,) = intern_labels([("pod", "ns/chat-n1")]), intern_models([MODEL])
    record_usage(
        source_id=fleet.telemetry.pk,
        cluster_id=fleet.cluster.pk,
        level="engine",
        rows=[UsageRow(HOUR, label, 0, model, "success", 10, None, None, 100_000, 30_000, 10_000)],
        replace_hours=(HOUR, HOUR + timedelta(hours=1)),
    )
    return tokens


def by_weights(
    amount: int, tokens: dict[str, tuple[int, int, int]], a: Any, c: Any, b: Any
) -> dict[str, int]:
    weights = {
        name: Fraction(a) * (given - cached) + Fraction(c) * cached + Fraction(b) * output
        for name, (given, cached, output) in tokens.items()
    }
    return split(amount, weights)


def test_a_fit_is_a_proposal_with_its_evidence(fleet: Fleet) -> None:
    fit = proposed(fleet)
    assert (fit.state, fit.model.name, fit.accelerator, fit.runtime) == ("proposed", MODEL, "A100", "vllm")
    assert float(fit.weight_input or 0) == pytest.approx(ENGINE.computed, rel=0.1)
    assert float(fit.weight_output or 0) == pytest.approx(ENGINE.output, rel=0.1)
    assert (fit.valid.lower, fit.valid.upper) == (START, None)
    found = fit.evidence
    assert (found["method"], found["hours"], found["services"]) == ("regression", HOURS, ["chat"])
    assert found["tokens_counted_by"] == "engine"
    assert found["explained"] > 0.9
    low, high = (found["estimates"]["output"][end] for end in ("low", "high"))
    assert low < float(fit.weight_output or 0) < high


def test_a_runtime_that_times_its_phases_is_fitted_from_them(fleet: Fleet) -> None:
    record_engine(fleet, sample(ENGINE.with_(other=0.3)), START)
    record_timed_phases(fleet, sample(), START)
    (fit,) = propose()
    assert (fit.state, fit.evidence["method"]) == ("proposed", "phases")
    assert float(fit.weight_input or 0) == pytest.approx(ENGINE.computed, rel=0.05)


def test_what_the_data_do_not_tell_is_kept_as_refused(fleet: Fleet) -> None:
    fit = proposed(fleet, ENGINE.with_(release=2.5))
    assert (fit.state, fit.weight_input) == ("refused", None)
    assert "the coefficients drift" in fit.reason
    with pytest.raises(CannotDecide, match="is refused"):
        approve_fit(fit_id=fit.pk, by="bo", now=NOW)


def test_the_same_data_make_no_second_proposal_and_other_data_supersede_it(fleet: Fleet) -> None:
    fit = proposed(fleet)
    assert [again.pk for again in propose("somebody")] == [fit.pk]
    record_engine_again(fleet)
    (other,) = propose()
    fit.refresh_from_db()
    assert (fit.state, other.state) == ("superseded", "proposed")


def record_engine_again(fleet: Fleet) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM hourly_utilization")
    record_engine(fleet, run(ENGINE, steady_load(HOURS), seed=9), START)


def test_an_approved_fit_weighs_tokens_from_its_hours_on(fleet: Fleet) -> None:
    tokens = served_hour(fleet)
    fit = proposed(fleet)
    attribute_range(HOUR, HOUR + timedelta(hours=1))
    amount = sum(shares().values())
    assert shares() == by_weights(amount, tokens, 1, Decimal("0.1"), 2)
    assert work_rows() == [(1, "by tokens", None, 1_000_000, 100_000, 2_000_000)]

    approve_fit(fit_id=fit.pk, by="bo", now=NOW)
    attribute_range(HOUR, HOUR + timedelta(hours=1))
    weights = (fit.weight_input, fit.weight_cached, fit.weight_output)
    assert shares() == by_weights(amount, tokens, *weights)
    (row,) = work_rows()
    assert row == (2, "by tokens", fit.pk, *(int((weight or 0) * 10**6) for weight in weights))

    withdraw_fit(fit_id=fit.pk, by="ana", reason="the engine was replaced", now=NOW)
    attribute_range(HOUR, HOUR + timedelta(hours=1))
    assert shares() == by_weights(amount, tokens, 1, Decimal("0.1"), 2)


def differences(fit: TokenCoefficients, *, withdrawn: bool = False) -> dict[str | None, int | None]:
    (found,) = preview_of_fit(fit_id=fit.pk, withdrawn=withdrawn, spans=[(HOUR, HOUR + timedelta(hours=1))])
    return {row.tenant.rpartition("/")[2]: row.difference for row in found.by_tenant if row.tenant}


def test_a_preview_of_a_fit_says_what_approving_and_withdrawing_it_do_to_the_nano_unit(fleet: Fleet) -> None:
    served_hour(fleet)
    fit = proposed(fleet)
    attribute_range(HOUR, HOUR + timedelta(hours=1))
    before, said = shares(), differences(fit)
    assert any(said.values())
    approve_fit(fit_id=fit.pk, by="bo", now=NOW)
    attribute_range(HOUR, HOUR + timedelta(hours=1))
    after = shares()
    assert said == {name: after[name] - before[name] for name in before}
    assert differences(fit, withdrawn=True) == {name: before[name] - after[name] for name in before}
    # It stands: as if it was approved is as it is.
    assert set(differences(fit).values()) == {0}


def test_a_preview_of_a_fit_of_another_accelerator_changes_nothing(fleet: Fleet) -> None:
    """The sabotage: what the pools have is what a fit is about."""
    served_hour(fleet)
    fit = proposed(fleet)
    attribute_range(HOUR, HOUR + timedelta(hours=1))
    assert any(differences(fit).values())
    Pool.objects.update(accelerator="H100")
    assert not any(differences(fit).values())


def test_the_spans_of_a_fit_are_the_complete_days_in_which_it_holds_a_week_or_less_each(fleet: Fleet) -> None:
    fit = proposed(fleet)
    assert list(spans_of_fit(fit.pk)) == []
    day, end = timedelta(days=1), HOUR.replace(hour=0)
    Window.objects.all().delete()
    hours = [end - timedelta(hours=n) for n in range(-10, 24 * 30)]
    Window.objects.bulk_create(Window(cluster_id=fleet.cluster.pk, hour=hour, version=1) for hour in hours)
    (early,) = propose(valid_from=end - 16 * day)
    assert list(spans_of_fit(early.pk)) == [
        (end - 7 * day, end), (end - 14 * day, end - 7 * day), (end - 16 * day, end - 14 * day),
    ]  # fmt: skip
    # One that has yet to hold is looked at as if it had held in the last weeks.
    (later,) = propose(valid_from=end + 3 * day)
    assert list(spans_of_fit(later.pk)) == [
        (end - 7 * n * day, end - 7 * (n - 1) * day) for n in (1, 2, 3, 4)
    ]


def test_hours_in_which_an_exporter_fell_silent_are_left_out_and_nodes_that_never_speak_are_not_counted(
    fleet: Fleet,
) -> None:
    """Devices of the pool that nobody heard of: ten minutes in all hours, all of them in the last."""
    record_engine(fleet, sample(), START)
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO hourly_utilization
               SELECT cluster_id, hour, pool_id, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                      CASE WHEN hour = %s THEN 600 ELSE 10 END, 0, 0, 0
                 FROM hourly_utilization""",
            [END - timedelta(hours=1)],
        )
    (fit,) = propose()
    assert fit.evidence["left_out"] == {"a gap in the samples": 1}
    assert fit.evidence["hours"] == HOURS - 1


def test_another_accelerator_or_runtime_goes_by_declared_weights(fleet: Fleet) -> None:
    tokens = served_hour(fleet)
    approve_fit(fit_id=proposed(fleet).pk, by="bo", now=NOW)
    Service.objects.update(runtime="sglang")
    attribute_range(HOUR, HOUR + timedelta(hours=1))
    assert shares() == by_weights(6 * USD, tokens, 1, Decimal("0.1"), 2)


def test_approving_makes_the_hours_of_its_validity_dirty_and_no_others(fleet: Fleet) -> None:
    fit = proposed(fleet)
    Window.objects.all().delete()
    hours = [START - timedelta(hours=1), START, END]
    Window.objects.bulk_create(Window(cluster_id=fleet.cluster.pk, hour=hour, version=1) for hour in hours)
    approve_fit(fit_id=fit.pk, by="bo", now=NOW)
    dirty = Window.objects.filter(dirty_at__isnull=False).order_by("hour")
    assert list(dirty.values_list("hour", flat=True)) == hours[1:]


def test_a_later_fit_ends_the_earlier_one_where_it_begins(fleet: Fleet) -> None:
    fit = proposed(fleet)
    approve_fit(fit_id=fit.pk, by="bo", now=NOW)
    (later,) = propose(valid_from=END)
    approve_fit(fit_id=later.pk, by="bo", now=NOW)
    fit.refresh_from_db()
    assert (fit.state, fit.valid.upper, later.valid.lower) == ("approved", END, END)
    record_engine_again(fleet)
    (whole,) = propose()
    approve_fit(fit_id=whole.pk, by="bo", now=NOW)
    states = TokenCoefficients.objects.order_by("pk").values_list("state", "ended_by")
    assert list(states) == [("superseded", "bo"), ("superseded", "bo"), ("approved", "")]


def test_whoever_proposed_cannot_approve_nor_anybody_twice(fleet: Fleet) -> None:
    fit = proposed(fleet)
    for name in ("ana", " Ana "):
        with pytest.raises(CannotDecide, match="somebody else has to approve"):
            approve_fit(fit_id=fit.pk, by=name, now=NOW)
    with pytest.raises(CannotDecide, match="name of who decides"):
        approve_fit(fit_id=fit.pk, by=" ", now=NOW)
    with pytest.raises(CannotDecide, match="no token fit 0"):
        approve_fit(fit_id=0, by="bo", now=NOW)
    approve_fit(fit_id=fit.pk, by="bo", now=NOW)
    with pytest.raises(CannotDecide, match="is approved, not proposed"):
        approve_fit(fit_id=fit.pk, by="cy", now=NOW)


def test_a_rejection_needs_a_reason_and_is_final(fleet: Fleet) -> None:
    fit = proposed(fleet)
    with pytest.raises(CannotDecide, match="a reason is needed"):
        reject_fit(fit_id=fit.pk, by="bo", reason=" ", now=NOW)
    reject_fit(fit_id=fit.pk, by="bo", reason="that week was no usual one", now=NOW)
    with pytest.raises(CannotDecide, match="is rejected"):
        approve_fit(fit_id=fit.pk, by="cy", now=NOW)


# What PostgreSQL refuses, whoever asks. Each change is tried behind the operations' back.
def change(**values: Any) -> Callable[[TokenCoefficients], object]:
    return lambda fit: TokenCoefficients.objects.filter(pk=fit.pk).update(**values)


APPROVED = {"state": FitState.APPROVED, "decided_at": NOW}
REFUSALS: dict[str, tuple[Callable[[TokenCoefficients], object], str]] = {
    "the proposer approves": (change(**APPROVED, decided_by="ANA "), "two_people"),
    "the proposer approves with others": (change(**APPROVED, decided_by="Ben, Ana, Cleo"), "two_people"),
    "nobody approves": (change(state=FitState.APPROVED), "decision_is_signed"),
    "other figures": (change(weight_output=Decimal(1)), "change_only_state"),
    "other evidence": (change(evidence={}), "change_only_state"),
    "an earlier begin": (change(valid=DateTimeTZRange(None, None, "()")), "change_only_state"),
    "a withdrawn proposal": (change(state=FitState.WITHDRAWN, reason="x"), "change_only_state"),
    "deleted": (lambda fit: TokenCoefficients.objects.filter(pk=fit.pk).delete(), "change_only_state"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_the_database_refuses(fleet: Fleet, case: str) -> None:
    fit = proposed(fleet)
    attempt, constraint = REFUSALS[case]
    with pytest.raises(IntegrityError, match=constraint) as refused, transaction.atomic():
        attempt(fit)
    assert "token_coefficients" in str(refused.value) or "token fit" in str(refused.value)


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"state": "approved", "decided_by": "bo", "decided_at": NOW}, "begins as a proposal"),
        ({"state": "guessed"}, "begins as a proposal|state_is_known"),
        ({"weight_input": Decimal(0), "weight_output": Decimal(0)}, "weigh_something"),
        ({"weight_cached": Decimal(-1)}, "weigh_something"),
        ({"weight_cached": None}, "weigh_something"),
        ({"state": "refused", "reason": "x"}, "weigh_something"),
        ({"data_end": START}, "data_is_a_span"),
        ({"proposed_by": ""}, "two_people"),
    ],
)
def test_the_database_refuses_a_fit_that_is_none(values: dict[str, Any], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        insert(**values)
    insert()


def test_a_weight_that_is_no_number_is_refused() -> None:
    """NaN is above 0 for PostgreSQL, and would poison every sum."""
    fit = insert()
    columns = [
        field.column for field in TokenCoefficients._meta.fields if field.column not in ("id", "weight_input")
    ]
    names = ", ".join(columns)
    with (
        connection.cursor() as cursor,
        pytest.raises(IntegrityError, match="weigh_something"),
        transaction.atomic(),
    ):
        cursor.execute(
            f"""INSERT INTO token_coefficients (weight_input, {names})
                SELECT 'NaN', {names} FROM token_coefficients WHERE id = %s""",
            [fit.pk],
        )


def insert(**values: Any) -> TokenCoefficients:
    model, _ = ServedModel.objects.get_or_create(name="m")
    good: dict[str, Any] = {
        "model": model, "accelerator": "A100", "runtime": "", "state": "proposed", "weight_input": Decimal(1),
        "weight_cached": Decimal(0), "weight_output": Decimal(2), "data_start": START, "data_end": END,
        "evidence": {}, "evidence_hash": "", "proposed_by": "ana", "proposed_at": NOW,
        "valid": DateTimeTZRange(START, None, "[)"),
    }  # fmt: skip
    return TokenCoefficients.objects.create(**good | values)


def test_approved_spans_cannot_overlap() -> None:
    first, second = insert(), insert()
    change(**APPROVED, decided_by="bo")(first)
    with pytest.raises(IntegrityError, match="approved_spans_do_not_overlap"), transaction.atomic():
        change(**APPROVED, decided_by="bo")(second)


def test_without_the_constraints_the_wrong_ones_would_pass() -> None:
    """The sabotage: take each guard away, and see what it kept out come in."""
    with connection.cursor() as cursor:
        for name in ("two_people", "approved_spans_do_not_overlap"):
            cursor.execute(f"ALTER TABLE token_coefficients DROP CONSTRAINT token_coefficients_{name}")
        cursor.execute("ALTER TABLE token_coefficients DISABLE TRIGGER token_coefficients_change_only_state")
    for each in (insert(), insert()):
        change(**APPROVED, decided_by="ana", weight_output=Decimal(9))(each)
    assert TokenCoefficients.objects.filter(state="approved", weight_output=9).count() == 2
