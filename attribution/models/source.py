"""Where facts come from."""

from django.db import models

from attribution.models.cluster import Cluster
from attribution.models.provider import Provider


class SourceKind(models.TextChoices):
    """The formats that the front door reads."""

    PROMETHEUS = "prometheus", "Prometheus"
    OPENMETRICS = "openmetrics", "OpenMetrics file"
    REQUEST_LOG = "request_log", "request log"
    FOCUS = "focus", "FOCUS bill"
    AWS_EXPORT = "aws_export", "AWS export"
    AZURE_EXPORT = "azure_export", "Azure export"
    GCP_EXPORT = "gcp_export", "Google Cloud export"
    OPENAI = "openai", "OpenAI costs and usage"
    ANTHROPIC = "anthropic", "Anthropic costs and usage"


class Source(models.Model):
    """A feed; how to reach it is the front door's matter. `cluster` null: of no single cluster."""

    name = models.TextField(unique=True)
    kind = models.TextField(choices=SourceKind)
    cluster = models.ForeignKey(Cluster, models.PROTECT, null=True)
    provider = models.ForeignKey(Provider, models.PROTECT, null=True)
    active = models.BooleanField(default=True)

    class Meta:
        db_table = "source"

    def __str__(self) -> str:
        return self.name
