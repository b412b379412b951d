from decimal import Decimal

from django.db import migrations, models

from attribution.migrations._run_sql import run_sql_file

_HOURS_AND_DAYS = (
    "hourly_utilization",
    "daily_cost",
    "daily_usage",
    "daily_cost_total",
    "daily_cost_tenant",
    "daily_usage_total",
    "daily_usage_tenant",
    "attribution_window",
)
_DEEDS = ("insert", "update", "delete", "truncate")
_REVERSE = "\n".join(
    [f"DROP TRIGGER closed_month_{deed} ON {table};" for table in _HOURS_AND_DAYS for deed in _DEEDS]
    + [
        "DROP TRIGGER closed_month_insert ON ledger_version;",
        "DROP TRIGGER reporting_time_zone_stays ON organization;",
        """CREATE OR REPLACE FUNCTION ledger_is_written_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT cluster_id, hour, version FROM written) w
          JOIN ledger_version v USING (cluster_id, hour, version)
         WHERE v.transaction_id <> pg_current_xact_id()
    ) THEN
        RAISE EXCEPTION 'ledger is written once: this version of the window is published already'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ledger_is_written_once';
    END IF;
    RETURN NULL;
END $$;""",
        "DROP FUNCTION drop_month_partitions, reporting_time_zone_stays, guard_closed_months,"
        " closed_month_refuses_truncation, closed_month_refuses_row, closed_month_refuses_days,"
        " closed_month_refuses_hours, hold_open_month, month_of;",
        "DROP TABLE period_digest; DROP TABLE period_step; DROP TABLE period;",
        "DROP FUNCTION period_digest_is_written_once, period_step_is_decided_once, period_goes_by_steps;",
    ]
)


class Migration(migrations.Migration):
    dependencies = [("attribution", "0015_provider_usage")]
    operations = [
        migrations.AddField(
            model_name="organization",
            name="unallocated_target",
            field=models.DecimalField(
                decimal_places=4,
                default=Decimal("0.05"),
                help_text="a month closes with no larger share of its cost unallocated, or with words why",
                max_digits=5,
            ),
        ),
        run_sql_file("0016_periods.sql", _REVERSE),
    ]
