"""What tokens of a model are worth on an accelerator, fitted from what engines did, and approved."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models

from attribution.models.served_model import ServedModel
from attribution.models.validity import Validity


class FitState(models.TextChoices):
    """Where a fit stands. Only what is approved weighs anything."""

    PROPOSED = "proposed", "proposed"
    REFUSED = "refused", "refused: the data do not tell"
    APPROVED = "approved", "approved"
    REJECTED = "rejected", "rejected"
    SUPERSEDED = "superseded", "superseded by a later one"
    WITHDRAWN = "withdrawn", "withdrawn"


class TokenCoefficients(Validity):
    """Weights are microseconds of device time per token; null where the fit was refused.

    `data_start` and `data_end` are the span that was looked at, `evidence` what was found there
    (`domain.fit_result`), `evidence_hash` that of the rows it was found in. People are names: who approves
    is somebody else than who proposed, and nothing but the state, its reason and the end of the validity
    changes later (`migrations/sql/0011_token_fits.sql`).
    """

    model = models.ForeignKey(ServedModel, models.PROTECT)
    accelerator = models.TextField()
    runtime = models.TextField()
    state = models.TextField(choices=FitState)
    weight_input = models.DecimalField(max_digits=12, decimal_places=6, null=True)
    weight_cached = models.DecimalField(max_digits=12, decimal_places=6, null=True)
    weight_output = models.DecimalField(max_digits=12, decimal_places=6, null=True)
    data_start = models.DateTimeField()
    data_end = models.DateTimeField()
    evidence = models.JSONField()
    evidence_hash = models.TextField()
    reason = models.TextField(default="")
    proposed_by = models.TextField()
    proposed_at = models.DateTimeField()
    decided_by = models.TextField(default="")
    decided_at = models.DateTimeField(null=True)
    ended_by = models.TextField(default="")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "token_coefficients"
        constraints = [
            ExclusionConstraint(
                name="token_coefficients_approved_spans_do_not_overlap",
                expressions=[
                    ("model", RangeOperators.EQUAL),
                    ("accelerator", RangeOperators.EQUAL),
                    ("runtime", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
                condition=models.Q(state="approved"),
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=FitState.values), name="token_coefficients_state_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(data_start__lt=models.F("data_end")),
                name="token_coefficients_data_is_a_span",
            ),
        ]

    def __str__(self) -> str:
        return f"token fit {self.pk}: {self.model} on {self.accelerator} ({self.runtime}), {self.state}"
