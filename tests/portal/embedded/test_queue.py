"""The queue inside PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor

from psycopg.conninfo import make_conninfo

from portal.embedded.folder import DataFolder
from portal.embedded.lease import Lease
from portal.embedded.queue import install_queue
from tests.conftest import FAST
from tests.portal.embedded.conftest import connect


def test_the_queue_is_installed_once_however_many_ask(folder: DataFolder) -> None:
    where = make_conninfo(**folder.connection())
    with Lease(folder, FAST), connect(folder) as connection:
        connection.execute("DROP SCHEMA IF EXISTS pgmq CASCADE")
        with ThreadPoolExecutor(4) as pool:
            answers = sorted(pool.map(install_queue, [where] * 4))
        assert answers == [False, False, False, True]
        row = connection.execute("SELECT count(*) FROM pgmq.list_queues()").fetchone()
        assert row == (0,)
