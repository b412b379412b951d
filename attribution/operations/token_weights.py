"""Which token weights hold for a service in an hour: the approved fit, else what is declared."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache

import numpy as np

from attribution.domain.capacity import StateMinutes
from attribution.domain.tokens import Coefficients, Weighing
from attribution.domain.weighing import ServiceWeights
from attribution.models.service import Service
from attribution.models.token_coefficients import FitState, TokenCoefficients
from attribution.operations.proposal import Proposed, Standing


class TokenWeights:
    """Weights by (hour index, service id); reads the approved fits once, with `proposed` in their place.

    A fit holds for one (model, accelerator, runtime) in the hours of its validity. `accelerators` and
    `engine_model` are what the service ran on, and the model that its engines name, by the same key.
    """

    def __init__(
        self,
        hours: Sequence[datetime],
        services: Mapping[int, Service],
        accelerators: Mapping[tuple[int, int], str],
        engine_model: Mapping[tuple[int, int], int],
        proposed: Sequence[Proposed[TokenCoefficients]] = (),
    ) -> None:
        self._hours, self._services = hours, services
        self._accelerators, self._engine_model = accelerators, engine_model
        self._declared = {
            service.pk: Coefficients(a=service.weight_input, c=service.weight_cached, b=service.weight_output)
            for service in services.values()
        }
        approved = TokenCoefficients.objects.filter(state=FitState.APPROVED).order_by("pk")
        self._fits = Standing(approved.defer("evidence"), proposed)
        self._weighing = cache(weighing_of)

    def of(self, hour: int, service_id: int) -> ServiceWeights | None:
        """None for a service that is not declared."""
        if service_id not in self._services:
            return None
        cell = (hour, service_id)
        accelerator = self._accelerators.get(cell, "")
        fitted = self._fitted(hour, accelerator, self._services[service_id].runtime) if self._fits else {}
        return ServiceWeights(self._declared[service_id], fitted, self._engine_model.get(cell, 0))

    def _fitted(self, hour: int, accelerator: str, runtime: str) -> dict[int, Weighing]:
        return {
            fit.model_id: self._weighing(fit)
            for fit in self._fits.at(self._hours[hour])
            if (fit.accelerator, fit.runtime) == (accelerator, runtime)
        }


def weighing_of(fit: TokenCoefficients) -> Weighing:
    """The weights of a fit that has some; ValueError for one that was refused."""
    if fit.weight_input is None or fit.weight_cached is None or fit.weight_output is None:
        raise ValueError(f"token fit {fit.pk} was refused and has no weights")
    return Weighing(fit.pk, Coefficients(a=fit.weight_input, c=fit.weight_cached, b=fit.weight_output))


def accelerators_of(state: StateMinutes, accelerators: Sequence[str]) -> dict[tuple[int, int], str]:
    """The accelerator that each service held most minutes of in an hour, by (hour index, service id).

    `accelerators` are those of the pools, in their order. Tokens do not say on which of two accelerators
    they were computed; an hour with both goes by the weights of the larger part (of equal ones, the first by
    name), as falling back to declared weights for that one hour would be the larger jump.
    """
    held = state.minutes.sum(axis=3)
    minutes: dict[tuple[int, int], dict[str, int]] = {}
    for hour, pool, seat in np.argwhere(held > 0).tolist():
        service = state.seats[seat].service_id
        if service:
            of_cell = minutes.setdefault((hour, service), {})
            name = accelerators[pool]
            of_cell[name] = of_cell.get(name, 0) + int(held[hour, pool, seat])
    return {cell: min(of_cell, key=lambda name: (-of_cell[name], name)) for cell, of_cell in minutes.items()}
