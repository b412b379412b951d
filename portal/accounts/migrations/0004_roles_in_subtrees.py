"""Analysts, finance and auditors may be bound to a subtree; who gave a role, when, or which claim."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_people"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="membership",
            name="membership_role_known",
        ),
        migrations.RemoveConstraint(
            model_name="membership",
            name="membership_tenant_where_the_role_has_one",
        ),
        migrations.AddField(
            model_name="membership",
            name="given_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.AddField(
            model_name="membership",
            name="given_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.person",
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="provider",
            field=models.TextField(blank=True, default=""),
        ),
        migrations.AlterField(
            model_name="membership",
            name="role",
            field=models.TextField(
                choices=[
                    ("tenant_member", "tenant member"),
                    ("tenant_lead", "tenant lead"),
                    ("finance", "finance"),
                    ("platform_owner", "platform owner"),
                    ("analyst", "analyst"),
                    ("operator", "operator"),
                    ("auditor", "auditor"),
                    ("administrator", "administrator"),
                ]
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "role__in",
                        [
                            "tenant_member",
                            "tenant_lead",
                            "finance",
                            "platform_owner",
                            "analyst",
                            "operator",
                            "auditor",
                            "administrator",
                        ],
                    )
                ),
                name="membership_role_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("role__in", ("tenant_member", "tenant_lead")), ("tenant__isnull", False)),
                    models.Q(
                        ("role__in", ("platform_owner", "operator", "administrator")),
                        ("tenant__isnull", True),
                    ),
                    models.Q(
                        (
                            "role__in",
                            ("tenant_member", "tenant_lead", "platform_owner", "operator", "administrator"),
                        ),
                        _negated=True,
                    ),
                    _connector="OR",
                ),
                name="membership_tenant_where_the_role_has_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(("provider", ""), ("given_by__isnull", True), _connector="OR"),
                name="membership_from_a_claim_or_a_person",
            ),
        ),
    ]
