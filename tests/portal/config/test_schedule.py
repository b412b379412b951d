"""A worker knows what beat sends it."""

import subprocess
import sys

from portal.config.schedule import SCHEDULE

# In a process of its own: other tests have imported tasks that no worker would find by itself.
_LIST = "from portal.config.celery import app; app.loader.import_default_modules(); print(*app.tasks)"


def test_every_task_of_the_schedule_is_known_to_a_worker() -> None:
    found = subprocess.run([sys.executable, "-c", _LIST], capture_output=True, text=True, check=True)
    assert {str(line["task"]) for line in SCHEDULE.values()} - set(found.stdout.split()) == set()
