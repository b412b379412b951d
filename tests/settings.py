"""The product's settings, with a data folder for tests only.

Its PostgreSQL is shared by all workers of a run, and by runs at the same time.
"""

import fcntl
import os
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
# Below the folder that APPORTION_DATA names, so that tests never meet data somebody cares for.
FOLDER = Path(os.environ.get("APPORTION_DATA") or CHECKOUT / "var") / "tests"


def _database_suffix() -> str:
    """Empty for the first run on this machine; a second one at the same time gets its own database."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    lock = os.open(FOLDER / "first-run.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # kept until this process ends
    except BlockingIOError:
        return f"_{os.getpid()}"
    return ""


if "APPORTION_TEST_SUFFIX" not in os.environ:  # the workers of pytest-xdist inherit all of this
    os.environ["APPORTION_DATA"] = str(FOLDER)
    os.environ["APPORTION_TEST_SUFFIX"] = _database_suffix()
    os.environ.setdefault("APPORTION_HTTPS", "off")
    os.environ.setdefault("APPORTION_SECRET_KEY", "only-for-tests-" * 5)

from portal.config.settings import *  # noqa: E402, F403  # the environment comes first
from portal.config.settings import DATABASES  # noqa: E402  # the same

DATABASES["default"]["TEST"] = {"NAME": f"test_apportion{os.environ['APPORTION_TEST_SUFFIX']}"}
AUDIT_ANCHORS = [FOLDER / "audit" / f"anchors-{os.getpid()}.jsonl"]  # each worker has a database of its own
ROLE_OF_REQUESTS = "apportion_app"  # every request of every test is subject to the policies
EXPORT_RATE = "100000/min"  # a test asks as often as it likes
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the real one is slow on purpose
