"""Every account and token belongs to a person; roles say who gave them, and may be of a tenant's subtree."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


def people(apps, schema_editor):
    Person = apps.get_model("accounts", "Person")
    for user in apps.get_model("accounts", "User").objects.filter(person=None):
        name = f"{user.first_name} {user.last_name}".strip() or user.username
        user.person = Person.objects.create(name=name)
        user.save(update_fields=["person"])
    tokens = apps.get_model("accounts", "ServiceToken").objects.filter(owner=None)
    if tokens.exists():
        tokens.update(
            owner=Person.objects.create(name="Nobody known"), revoked_at=django.utils.timezone.now()
        )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_roles_and_tokens")]

    operations = [
        migrations.CreateModel(
            name="Person",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.TextField()),
            ],
            options={"db_table": "person"},
        ),
        migrations.AddField(
            "user",
            "person",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="users",
                to="accounts.person",
            ),
        ),
        migrations.AddField(
            "servicetoken",
            "owner",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tokens",
                to="accounts.person",
            ),
        ),
        migrations.RunPython(people, migrations.RunPython.noop),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AlterField(
            "user",
            "person",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="users", to="accounts.person"
            ),
        ),
        migrations.AlterField(
            "servicetoken",
            "owner",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="tokens", to="accounts.person"
            ),
        ),
    ]
