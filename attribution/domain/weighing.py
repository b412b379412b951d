"""By which token weights rows are weighed: the service's declared ones, or those fitted for each model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import lcm
from typing import NamedTuple

import numpy as np

from attribution.domain.ledger import Int64
from attribution.domain.tokens import Coefficients, Weighing


@dataclass(frozen=True)
class ServiceWeights:
    """Of one service in one hour: `fitted` by model id, as far as there are approved fits.

    Fitted weights are microseconds of device time, declared ones only proportions. The two cannot be added,
    so an hour goes by fits only if every model in it has one. `engine_model` is the one model that the
    service's engines name (0: none, or several): gateways call it by other names.
    """

    declared: Coefficients
    fitted: Mapping[int, Weighing] = field(default_factory=dict)
    engine_model: int = 0

    def of_models(self, models: Int64) -> dict[int, Weighing]:
        """The weighing of each of these models."""
        names = {int(model): self.engine_model or int(model) for model in np.unique(models)}
        if self.fitted and all(name in self.fitted for name in names.values()):
            return {model: self.fitted[name] for model, name in names.items()}
        return dict.fromkeys(names, Weighing(0, self.declared))


class RowWeights(NamedTuple):
    """Whole-number weights of rows: arrays [n], or one figure for all of them; times a common scale."""

    a: Int64 | int
    c: Int64 | int
    b: Int64 | int
    of_row: list[Coefficients]


def row_weights(models: Int64, weighing: Mapping[int, Weighing]) -> RowWeights:
    """The weights of rows with these models, all to one scale."""
    kinds = list(dict.fromkeys(each.coefficients for each in weighing.values()))
    if len(kinds) == 1:
        return RowWeights(*kinds[0].scaled, kinds * len(models))
    scale = lcm(*(kind.scale for kind in kinds))
    of_row = [weighing[int(model)].coefficients for model in models]
    scaled = np.array(
        [[part * (scale // kind.scale) for part in kind.scaled] for kind in of_row], dtype=np.int64
    )
    return RowWeights(scaled[:, 0], scaled[:, 1], scaled[:, 2], of_row)
