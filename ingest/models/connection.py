"""How a source is reached."""

from typing import Any

from django.db import models


class Connection(models.Model):
    """The front door's half of a source: its address and what is asked of it.

    `settings` is what fleet.toml says for the source's kind (`url`, `timeout`, `bearer_token_env`, `path`,
    `columns`, …); it names environment variables, never secrets. `signals` are names of files in
    ingest/signals or paths of the operator's own.
    """

    source = models.OneToOneField("attribution.Source", models.CASCADE, related_name="connection")
    settings: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)
    signals: "models.JSONField[list[str], list[str]]" = models.JSONField(default=list)
    scrape_interval_seconds = models.PositiveIntegerField(default=60)

    class Meta:
        db_table = "connection"
