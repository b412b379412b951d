"""The Celery application. The database is the truth and the queue a hint: see docs/decisions.md."""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, celeryd_init
from django.conf import settings

from portal.isolation.roles import VARIABLE, Role

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.config.settings")
if not settings.configured:  # a worker or beat, and nobody who only publishes
    os.environ[VARIABLE] = Role.INGEST

from portal.config.brokers import SOFT_TIME_LIMIT, TIME_LIMIT, Broker
from portal.config.env import Env
from portal.config.schedule import SCHEDULE


def celery_settings(env: Env) -> dict[str, Any]:
    """Everything that Celery must know, for any of the brokers."""
    broker: Broker = env.broker
    return {
        "broker_url": broker.url,
        "broker_transport_options": broker.transport_options(),
        "broker_connection_retry_on_startup": True,
        "accept_content": ["json"],
        "task_serializer": "json",
        "task_ignore_result": True,  # state lives in our tables
        "task_store_errors_even_if_ignored": False,
        # A task is done when it has ended, not when it was handed out; also when its process was killed.
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "worker_prefetch_multiplier": broker.prefetch,
        "worker_lost_wait": 2.0,  # seconds until a killed task is handed out again; no result to wait for
        "task_soft_time_limit": SOFT_TIME_LIMIT,
        "task_time_limit": TIME_LIMIT,
        "task_default_queue": "apportion",
        "task_create_missing_queues": True,
        # Workers neither gossip nor answer remote control: their reply queues have names that are too
        # long for pgmq, and nothing of ours asks.
        "worker_enable_remote_control": False,
        "worker_send_task_events": False,
        "worker_cancel_long_running_tasks_on_connection_loss": True,
        "worker_max_memory_per_child": 600_000,  # KiB
        "timezone": "UTC",
        "enable_utc": True,
        "beat_schedule": SCHEDULE,
        "beat_schedule_filename": str(env.folder.root / "beat-schedule"),
    }


def _make() -> Celery:
    broker = settings.ENV.broker
    if os.environ.get("CELERY_BROKER_URL") == os.environ.get("BROKER_URL", ""):
        # The command `celery` took our variable for its own --broker, but knows no valkey://.
        os.environ["CELERY_BROKER_URL"] = broker.url
    made = Celery("apportion")
    made.config_from_object(celery_settings(settings.ENV))
    rooms = ("approvals", "audit", "idempotency", "periods")
    made.autodiscover_tasks(["attribution", "ingest", *(f"portal.{room}" for room in rooms)])
    return made


app = _make()


@celeryd_init.connect
@beat_init.connect
def _join_services(**_: object) -> None:
    from portal.config.boot import boot_or_exit

    boot_or_exit()
