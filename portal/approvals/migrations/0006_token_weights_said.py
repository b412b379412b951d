from django.db import migrations, models


class Migration(migrations.Migration):
    """One kind is said otherwise; nothing of the table changes."""

    dependencies = [
        ("approvals", "0005_rules_met"),
    ]

    operations = [
        migrations.AlterField(
            model_name="changerequest",
            name="kind",
            field=models.TextField(
                choices=[
                    ("capacity", "capacity"),
                    ("warm_pool", "warm pool"),
                    ("reserve", "reserve"),
                    ("failover_plan", "failover plan"),
                    ("drill", "drill"),
                    ("residency_exception", "residency exception"),
                    ("upgrade_promotion", "upgrade promotion"),
                    ("upgrade_rollback", "upgrade rollback"),
                    ("tenant_quota", "tenant quota"),
                    ("allocation_rule", "allocation rule"),
                    ("price_book", "price book"),
                    ("token_coefficients", "token weights"),
                    ("period_close", "period close"),
                    ("period_reopen", "period reopen"),
                    ("adjustment", "adjustment"),
                    ("break_glass", "break glass"),
                ]
            ),
        ),
    ]
