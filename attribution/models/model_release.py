"""A version of a model that a service serves."""

from django.db import models

from attribution.models.served_model import ServedModel
from attribution.models.service import Service


class ModelRelease(models.Model):
    """Name, version and artifact digest, as declared."""

    model = models.ForeignKey(ServedModel, models.PROTECT)
    service = models.ForeignKey(Service, models.PROTECT, null=True)
    version = models.TextField()
    artifact_digest = models.TextField(default="")

    class Meta:
        db_table = "model_release"
        constraints = [models.UniqueConstraint(fields=["model", "version"], name="model_release_once")]

    def __str__(self) -> str:
        return f"{self.model} {self.version}"
