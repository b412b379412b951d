"""The product's Celery application with two tasks that leave a trace in the database.

A worker loads it as `celery -A tests.brokers.probe worker`.
"""

import os
import signal
import time

from django.db import connection

from portal.config.celery import app

# Shorter than in the product, so that a test sees a message come back.
if visibility := os.environ.get("PROBE_VISIBILITY"):
    app.conf.broker_transport_options = {
        **app.conf.broker_transport_options,
        "visibility_timeout": int(visibility),
    }


@app.task(name="probe.note")
def note(word: str) -> None:
    """Write `word` down."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO probe (word, pid) VALUES (%s, %s)", [word, os.getpid()])


@app.task(name="probe.hang_once")
def hang_once(word: str) -> None:
    """Write `word` down, and at the first time never come to an end."""
    note(word)
    if _times(word) == 1:
        time.sleep(300)


@app.task(name="probe.die_once")
def die_once(word: str) -> None:
    """Write `word` down, and at the first time die as if the kernel had run out of memory."""
    note(word)
    if _times(word) == 1:
        os.kill(os.getpid(), signal.SIGKILL)


def _times(word: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM probe WHERE word = %s", [word])
        return int(cursor.fetchone()[0])
