"""A list of ids has the type of the column that it narrows.

PostgreSQL looks ids of the same type up in a hash; of another type it compares each row with one after
another. The overview of a lead of 1,001 tenants took 2.3 s by that, where finance's of all of them took 0.09.
"""

import re
from pathlib import Path

import pytest
from django.db import connection

import attribution.sql

FILES = sorted(Path(attribution.sql.__file__).parent.glob("*.sql"))
LIST = re.compile(r"(\w+_id)(?:, 0\))? = ANY\(%(?:\(\w+\))?s::(\w+)\[\]\)")


@pytest.mark.django_db
def test_ids_are_compared_with_ids_of_their_own_type() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT column_name, array_agg(DISTINCT data_type::text) FROM information_schema.columns
                WHERE table_schema = current_schema() AND column_name LIKE '%\\_id' GROUP BY 1"""
        )
        types = dict(cursor.fetchall())
    found = [(file.name, *pair) for file in FILES for pair in LIST.findall(file.read_text("utf-8"))]
    assert len(found) > 70
    assert [one for one in found if types[one[1]] != [one[2]]] == []
