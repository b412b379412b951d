"""A name that a stranger gave to a tenant or a service."""

from django.db import models


class LabelKind(models.TextChoices):
    """What kind of evidence the name is. The first three name services, the rest tenants."""

    SERVICE = "service", "service"
    POD = "pod", "pod (namespace/pod)"
    MODEL = "model", "model"
    TENANT = "tenant", "tenant"
    TEAM = "team", "gateway team"
    API_KEY = "api_key", "API key"
    USER = "user", "user"
    END_USER = "end_user", "end user"
    FAIRNESS_ID = "fairness_id", "fairness id"
    PROJECT = "project", "provider project"
    NAMESPACE = "namespace", "namespace"


class Label(models.Model):
    """Facts carry label ids; rules turn them into tenants and services when a window is attributed.

    Id 0 in a fact means "the source named nobody".
    """

    kind = models.TextField(choices=LabelKind)
    value = models.TextField()

    class Meta:
        db_table = "label"
        constraints = [models.UniqueConstraint(fields=["kind", "value"], name="label_once")]

    def __str__(self) -> str:
        return f"{self.kind}={self.value}"
