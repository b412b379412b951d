"""psycopg's own connection under Django's, for COPY."""

from typing import Any, cast

import psycopg
import pyarrow as pa
import pyarrow.csv as arrow_csv
from django.db import connection


def raw_connection() -> "psycopg.Connection[Any]":
    """The psycopg connection of this thread; its transaction is Django's."""
    connection.ensure_connection()
    return cast("psycopg.Connection[Any]", connection.connection)


def copy_in(statement: str, data: bytes) -> int:
    """Send `data` through a COPY … FROM STDIN statement; returns the number of rows."""
    with raw_connection().cursor() as cursor:
        with cursor.copy(statement) as copy:
            copy.write(data)
        return cursor.rowcount


def copy_out(statement: str, parameters: dict[str, Any]) -> bytes:
    """All bytes of a COPY … TO STDOUT statement."""
    with raw_connection().cursor() as cursor, cursor.copy(statement, parameters) as copy:
        return b"".join(copy)


def copy_table(table_columns: str, rows: pa.Table) -> int:
    """COPY an Arrow table into `table (columns…)`; Arrow nulls become NULL, the order is the table's.

    Arrow writes CSV at some million rows a second, which PostgreSQL reads as fast as its own text format.
    """
    if rows.num_rows == 0:
        return 0
    sink = pa.BufferOutputStream()
    options = arrow_csv.WriteOptions(include_header=False, quoting_style="needed")
    arrow_csv.write_csv(rows, sink, options)
    return copy_in(f"COPY {table_columns} FROM STDIN (FORMAT csv)", sink.getvalue().to_pybytes())
