"""The model that a request asked for."""

from django.db import models


class ServedModel(models.Model):
    """A model's name as requests and runtimes give it. Facts carry `model_id` 0 for "not said"."""

    name = models.TextField(unique=True)

    class Meta:
        db_table = "served_model"

    def __str__(self) -> str:
        return self.name
