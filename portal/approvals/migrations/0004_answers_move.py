from django.db import migrations


class Migration(migrations.Migration):
    """To portal/idempotency: answers are kept for a day, so the old ones are not taken along."""

    dependencies = [("approvals", "0003_kept_whole")]

    operations = [migrations.DeleteModel(name="KeptAnswer")]
