"""Which service a counted request belongs to, by what its source called it."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from attribution.domain.placement import NameRule, target_of
from attribution.models.label import Label
from attribution.models.served_model import ServedModel
from attribution.models.service import Service


class ServiceNames(NamedTuple):
    """Labels and models by id, services by name."""

    labels: Mapping[int, Label]
    models: Mapping[int, str]
    service_by_name: Mapping[str, int]

    def service_of(self, label_id: int, model_id: int, cluster_id: int, rules: tuple[NameRule, ...]) -> int:
        """By the pod that counted; by the name that the request gave; by the model that it asked for.

        0 where none of them names a service.
        """
        label, model = self.labels.get(label_id), self.models.get(model_id, "")
        kind, value = (label.kind, label.value) if label else ("", "")
        if kind == "pod":
            return target_of(rules, cluster_id, "pod", value) or target_of(
                rules, cluster_id, "request", model
            )
        return self.service_by_name.get(value, 0) or target_of(rules, cluster_id, "request", value, model)


def service_names(label_ids: Iterable[int]) -> ServiceNames:
    """The names of these labels, of all models and of all services."""
    return ServiceNames(
        Label.objects.in_bulk(sorted(set(label_ids) - {0})),
        dict(ServedModel.objects.values_list("pk", "name")),
        dict(Service.objects.values_list("name", "pk")),
    )
