from decimal import Decimal

import numpy as np
import pytest

from attribution.domain.tokens import Coefficients, Weighing
from attribution.domain.weighing import ServiceWeights, row_weights
from attribution.domain.work import ServedRows, works_of

LLAMA, MISTRAL = 7, 8
FITTED = {
    LLAMA: Weighing(1, Coefficients(Decimal("180.5"), Decimal("6.125"), Decimal("900"))),
    MISTRAL: Weighing(2, Coefficients(Decimal("90"), Decimal("0"), Decimal("1000.001"))),
}


def rows(models, tokens, tenants, service=3):
    count = len(models)
    given, cached, output = (np.array(column, dtype=np.int64) for column in zip(*tokens, strict=True))
    unknown = np.full(count, -1, dtype=np.int64)
    measures = {"input_tokens": given, "cached_tokens": cached, "output_tokens": output}
    measures |= {"requests": np.ones(count, dtype=np.int64), "duration_us": unknown, "engine_us": unknown}
    zero = np.zeros(count, dtype=np.int64)
    return ServedRows(zero, zero + service, np.array(tenants), np.array(models), zero.copy(), measures)


def work(weights, *args):
    return works_of(rows(*args), lambda hour, service: weights)[(0, 3)]


TOKENS = [(1000, 900, 500), (1000, 0, 500)]


def test_each_model_goes_by_its_own_fit_to_one_scale():
    found = work(ServiceWeights(Coefficients(), FITTED), [LLAMA, MISTRAL], TOKENS, [1, 2])
    exact = [180.5 * 100 + 6.125 * 900 + 900 * 500, 90 * 1000 + 1000.001 * 500]
    assert [weight / 1000 for weight in found.weight] == pytest.approx(exact, rel=1e-12)
    assert found.weighing == FITTED
    assert found.basis == "modelled"


def test_a_model_without_a_fit_sends_the_whole_hour_to_the_declared_weights():
    one = ServiceWeights(Coefficients(), {LLAMA: FITTED[LLAMA]})
    found = work(one, [LLAMA, MISTRAL], TOKENS, [1, 2])
    assert found.weight.tolist() == [11900, 20000]
    assert found.weighing == dict.fromkeys([LLAMA, MISTRAL], Weighing(0, Coefficients()))
    assert work(one, [LLAMA, LLAMA], TOKENS, [1, 2]).weighing == {LLAMA: FITTED[LLAMA]}


def test_a_gateways_name_for_the_engines_one_model_is_that_model():
    found = work(ServiceWeights(Coefficients(), FITTED, LLAMA), [50, 0], TOKENS, [1, 2])
    assert found.weighing == {0: FITTED[LLAMA], 50: FITTED[LLAMA]}


def test_rows_without_tokens_are_converted_by_the_same_weights():
    """The slow way (a failed request without tokens) weighs as the plain one does."""
    args = ([LLAMA, MISTRAL, LLAMA], [*TOKENS, (-1, -1, -1)], [1, 2, 3])
    by = ServiceWeights(Coefficients(), FITTED)
    plain = work(by, [LLAMA, MISTRAL], TOKENS, [1, 2])
    table = rows(*args)
    table.outcome[2] = 1
    slow = works_of(table, lambda hour, service: by)[(0, 3)]
    assert slow.weight[:2].tolist() == plain.weight.tolist()
    assert slow.weight[2] > 0


def test_other_evidence_than_tokens_names_no_weights():
    table = rows([LLAMA], [(-1, -1, -1)], [1])
    assert (
        works_of(table, lambda hour, service: ServiceWeights(Coefficients(), FITTED))[(0, 3)].weighing == {}
    )


def test_weights_that_do_not_fit_64_bits_are_scaled_and_do_not_wrap():
    dear = Weighing(1, Coefficients(Decimal("999999.999"), Decimal(0), Decimal(1)))
    tokens = [(4 * 10**10, 0, 1), (2 * 10**10, 0, 1)]
    found = work(ServiceWeights(Coefficients(), {LLAMA: dear}), [LLAMA, LLAMA], tokens, [1, 2])
    assert (found.weight > 0).all()
    assert found.weight[0] / found.weight[1] == pytest.approx(2.0, rel=1e-9)


def test_one_kind_of_weights_is_one_figure_for_all_rows():
    same = row_weights(np.array([LLAMA, LLAMA]), {LLAMA: FITTED[LLAMA]})
    assert (same.a, same.c, same.b) == (1444, 49, 7200)
    assert [each.scale for each in same.of_row] == [8, 8]
