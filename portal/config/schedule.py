"""What runs by itself, and how often. Add a line here; the tasks live in the rooms' tasks.py."""

from celery.schedules import crontab, schedule

# name: {"task": dotted name of the task, "schedule": seconds or crontab(...)}
SCHEDULE: dict[str, dict[str, str | float | crontab | schedule]] = {
    "pull open hours": {"task": "ingest.pull_open_hours", "schedule": crontab(minute="*/5")},
    "import watched folders": {"task": "ingest.import_watched", "schedule": crontab(minute="2-59/5")},
    # Providers write a bill anew a few times a day.
    "pull bills": {"task": "ingest.pull_all_bills", "schedule": crontab(minute="17,47")},
    # The sweeper: whatever message was lost, dirty windows are found here.
    "attribute what is dirty": {"task": "attribution.attribute_dirty", "schedule": 60.0},
    # A month is asked for, and closed, while somebody waits: its ledger is hashed before.
    "hash months that may be closed": {
        "task": "attribution.keep_pieces",
        "schedule": crontab(minute="8-59/10"),
    },
    "write months that people asked for": {"task": "periods.write_asked_exports", "schedule": 20.0},
    # What time and telemetry make due, and what a lost message would have done.
    "carry changes on": {"task": "approvals.sweep_changes", "schedule": 60.0},
    "send what waits": {"task": "approvals.send_messages", "schedule": 15.0},
    "forget answers": {"task": "idempotency.forget_answers", "schedule": crontab(minute=27)},
    "anchor the audit trail": {"task": "audit.anchor_log", "schedule": crontab(minute=4)},
    "verify the audit trail": {"task": "audit.verify_log", "schedule": crontab(hour=2, minute=34)},
    "make partitions ahead": {"task": "attribution.make_partitions_ahead", "schedule": crontab(minute=7)},
}
