from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("attribution", "0032_proposer_among_others"),
        ("ingest", "0005_held_rules"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="batch",
            index=models.Index(fields=["source", "-started_at", "-id"], name="batch_by_time"),
        ),
    ]
