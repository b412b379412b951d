"""What runs by itself, and how often. Add a line here; the tasks live in the rooms' tasks.py."""

from celery.schedules import crontab, schedule

# name: {"task": dotted name of the task, "schedule": seconds or crontab(...)}
SCHEDULE: dict[str, dict[str, str | float | crontab | schedule]] = {}
