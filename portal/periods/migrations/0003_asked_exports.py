from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("periods", "0002_corrections_by_changes"),
    ]

    operations = [
        migrations.CreateModel(
            name="AskedExport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField()),
                ("asked_by", models.TextField()),
                ("asked_at", models.DateTimeField()),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                (
                    "outcome",
                    models.TextField(
                        choices=[("", "waits"), ("done", "done"), ("failed", "failed")], default=""
                    ),
                ),
                ("why", models.TextField(default="", help_text="why it failed")),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "asked_export",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("outcome", "")), fields=("month",), name="asked_export_one_waits"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("outcome", "")),
                            models.Q(("ended_at__isnull", False), ("outcome", "done")),
                            models.Q(
                                ("ended_at__isnull", False),
                                ("outcome", "failed"),
                                models.Q(("why", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="asked_export_ends",
                    ),
                ],
            },
        ),
    ]
