"""Addresses by which the first administrator can be made; one of them is ever used."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_shared_cache"),
    ]

    operations = [
        migrations.CreateModel(
            name="FirstRunLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sha256", models.CharField(max_length=64, unique=True)),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "db_table": "first_run_link",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("made_at"))),
                        name="first_run_link_expires",
                    ),
                    models.UniqueConstraint(
                        models.ExpressionWrapper(models.Q(("used_at__isnull", False)), models.BooleanField()),
                        condition=models.Q(("used_at__isnull", False)),
                        name="first_run_link_used_once",
                    ),
                ],
            },
        ),
    ]
