"""A change that somebody asks for."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from portal.approvals.domain.kinds import Kind
from portal.approvals.domain.states import State


class ChangeRequest(models.Model):
    """Where a change stands, and what it needs. Its words, plan and evidence are in its revisions.

    `hash` is that of revision number `revision`: what approvals are bound to. `seats`, `expires_at` and what
    follows were frozen from the policy when it was submitted. `events` counts its events; no step is taken
    without one (migrations/sql/0002_guards.sql).
    """

    kind = models.TextField(choices=[(kind.value, kind.label) for kind in Kind])
    state = models.TextField(choices=[(state.value, state.label) for state in State], default=State.DRAFT)
    title = models.TextField()
    tenant = models.ForeignKey("attribution.Tenant", models.PROTECT, null=True, related_name="+")
    requester = models.ForeignKey("accounts.Person", models.PROTECT, related_name="+")
    requester_user = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    requester_token = models.ForeignKey("accounts.ServiceToken", models.PROTECT, null=True, related_name="+")
    revision = models.PositiveIntegerField(default=0)
    hash = models.TextField(default="")
    seats = ArrayField(models.TextField(), default=list)
    policy = models.JSONField(default=dict)
    tokens_decide = models.BooleanField(default=False)
    rolls_back = models.ForeignKey("self", models.PROTECT, null=True, related_name="rollbacks")
    supersedes = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    wanted_at = models.DateTimeField(null=True, help_text="not before; null is as soon as it is approved")
    scheduled_for = models.DateTimeField(null=True)
    carried_out_at = models.DateTimeField(null=True)
    promised_at = models.DateTimeField(null=True)
    events = models.PositiveIntegerField(default=1)

    class Meta:
        db_table = "change_request"
        indexes = [models.Index(fields=["state", "kind"], name="change_request_by_state")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=list(State)), name="change_request_state_known"
            ),
            models.CheckConstraint(condition=models.Q(kind__in=list(Kind)), name="change_request_kind_known"),
            models.CheckConstraint(
                condition=models.Q(state__in=[State.DRAFT, State.WITHDRAWN, State.SUPERSEDED])
                | (models.Q(seats__len__gte=1) & models.Q(expires_at__isnull=False)),
                name="change_request_needs_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(carried_out_at__isnull=True)
                | models.Q(carried_out_at__gte=models.F("scheduled_for")),
                name="change_request_waits",
            ),
        ]

    def __str__(self) -> str:
        return f"change {self.pk}: {self.title}"

    @property
    def label(self) -> str:
        """Its kind for people."""
        return Kind(self.kind).label
