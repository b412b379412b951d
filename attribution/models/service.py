"""What answers requests."""

from django.db import models

from attribution.models.tenant import Tenant


class Service(models.Model):
    """A model behind a runtime, or a managed endpoint; `tenant` is set for one tenant's own service."""

    name = models.TextField(unique=True)
    runtime = models.TextField(default="")
    tenant = models.ForeignKey(Tenant, models.PROTECT, null=True)
    # Declared token weights: uncached input, cached input, output (domain: 1, 0.1 and 2 unless declared).
    weight_input = models.DecimalField(max_digits=12, decimal_places=6, default="1")
    weight_cached = models.DecimalField(max_digits=12, decimal_places=6, default="0.1")
    weight_output = models.DecimalField(max_digits=12, decimal_places=6, default="2")

    class Meta:
        db_table = "service"

    def __str__(self) -> str:
        return self.name
