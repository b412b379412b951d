"""Brings the database in line with what was decided: security on tables, policies, grants. Safe to repeat."""

import hashlib
import re
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import connection, transaction

from portal.isolation.decisions import Decision, Writers
from portal.isolation.roles import APP, INGEST, REPORT
from portal.isolation.tables import decision_of

_FUNCTIONS = Path(__file__).parent / "sql" / "functions.sql"
# How a role's policies ask. In a sub-select: once a statement, and not once a row.
_MARK = re.compile(r"@(all|tenants|each_tenant|flags|names)(\('\w+'\)|)")
_CALLS = {
    APP: {"all": "sees_everybody", "tenants": "seen_tenants", "flags": "seen_flags", "names": "seen_names"},
    REPORT: {
        "all": "report_sees_everybody",
        "tenants": "report_tenants",
        "flags": "report_flags",
        "names": "report_names",
    },
}
_ALL = "SELECT, INSERT, UPDATE, DELETE"
# Who writes facts has nothing to seek among people but the columns of `Decision.workers`: missing here.
_RIGHTS = {
    (Writers.BOTH, APP): _ALL,
    (Writers.BOTH, INGEST): _ALL,
    (Writers.APP, APP): _ALL,
    (Writers.INGEST, APP): "SELECT",
    (Writers.INGEST, INGEST): _ALL,
    (Writers.OWNER, APP): "SELECT",
    (Writers.OWNER, INGEST): "SELECT",
}
# Functions that see everything answer those who need them, and not everybody.
_ANSWERS = {
    "tenants_at_or_below(bigint[])": (APP, INGEST),
    "hour_is_heard(integer, timestamptz, integer)": (APP, INGEST),
    "days_with_cost()": (APP, INGEST),
    "state_of_names()": (APP, INGEST),
    "make_month_partitions(timestamptz, timestamptz)": (INGEST,),
    "seen_names(text)": (APP,),
    "see_account(bigint)": (APP,),
    "see_token(text, text, timestamptz)": (APP,),
    "report_sees_everybody()": (REPORT,),
    "report_tenants()": (REPORT,),
    "report_names(text)": (REPORT,),
}


def policy_texts() -> list[str]:
    """The texts that decide what policies there are: where one changes, a migrate is due."""
    folder = Path(__file__).parent
    files = ("decisions.py", "policies.py", "roles.py", "tables.py", "sql/functions.sql")
    return [(folder / name).read_text("utf-8") for name in files]


def statements(tables: dict[str, bool], schema: str) -> list[str]:
    """All statements that bring tables (by name; true: a partition) in line, in order."""
    made = [_FUNCTIONS.read_text("utf-8")]
    for function, roles in _ANSWERS.items():
        if function.startswith(("report_", "seen_", "see_")):
            made.append(f"ALTER FUNCTION {function} SET search_path = {schema}, pg_temp")
        made.append(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        made.append(f"GRANT EXECUTE ON FUNCTION {function} TO {', '.join(roles)}")
    everybody = f"{APP}, {INGEST}, {REPORT}"
    made.append(f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC, {everybody}")
    made.append(f"GRANT USAGE ON SCHEMA {schema} TO {everybody}")
    made.append(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {APP}, {INGEST}")
    for table, is_partition in tables.items():
        name = f'{schema}."{table}"'
        made.append(f"REVOKE ALL ON {name} FROM PUBLIC, {everybody}")
        if is_partition:  # reached through its parent alone
            made.append(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        else:
            made += _of_table(name, decision_of(table))
    return made


def _of_table(name: str, decided: Decision) -> list[str]:
    made = [f"DROP POLICY IF EXISTS {policy} ON {name}" for policy in ("keepers", "app", "report")]
    if decided.using:
        made += [
            f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
            f"CREATE POLICY keepers ON {name} TO CURRENT_USER, {INGEST} USING (true) WITH CHECK (true)",
            f"CREATE POLICY app ON {name} TO {APP} USING ({_called(decided.using, APP)})",
        ]
    else:
        made.append(f"ALTER TABLE {name} DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY")
    return made + _grants(name, decided)


def _grants(name: str, decided: Decision) -> list[str]:
    made = [f"GRANT {_RIGHTS[decided.writers, role]} ON {name} TO {role}" for role in (APP, INGEST)
            if (decided.writers, role) in _RIGHTS]  # fmt: skip
    if decided.workers:
        made.append(f"GRANT SELECT ({decided.workers}) ON {name} TO {INGEST}")
    if decided.report:
        columns = "" if decided.report == "*" else f" ({decided.report})"
        made.append(f"GRANT SELECT{columns} ON {name} TO {REPORT}")
        if decided.using:
            using = _called(decided.using, REPORT)
            made.append(f"CREATE POLICY report ON {name} FOR SELECT TO {REPORT} USING ({using})")
    return made


def _called(using: str, role: str) -> str:
    def call(mark: re.Match[str]) -> str:
        calls = _CALLS[role]
        if mark[1] == "each_tenant":
            return f"(SELECT unnest({calls['tenants']}()))"
        kind = "::integer[]" if mark[1] in ("tenants", "names") else ""
        return f"(SELECT {calls[mark[1]]}{mark[2] or '()'}){kind}"

    return _MARK.sub(call, using)


def keep_policies(on: bool = True) -> bool:
    """Bring the database in line, unless it is; true when something was done. Needs the tables' owner.

    Off: no table has row-level security, and whoever signs in sees what the tables' grants allow.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        schema = cursor.fetchone()[0]
        tables = _tables(cursor)
        wanted = statements(tables, schema) if on else _without(tables, schema)
        cursor.execute("SELECT obj_description(%s::regclass)", [f"{schema}.report_login"])
        if cursor.fetchone()[0] == _digest(cursor, on, tables, schema):
            return False
        if on:
            _need_roles(cursor)
            _let_guards_see(cursor, schema)
        for sql in wanted:
            cursor.execute(sql)
        digest = _digest(cursor, on, tables, schema)
        cursor.execute(f"COMMENT ON TABLE {schema}.report_login IS '{digest}'")
    return True


def _tables(cursor: Any) -> dict[str, bool]:
    cursor.execute(
        """SELECT relname, relispartition FROM pg_class
            WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
            ORDER BY relispartition, relname"""
    )
    return dict(cursor.fetchall())


def _without(tables: dict[str, bool], schema: str) -> list[str]:
    return [
        f'ALTER TABLE {schema}."{table}" DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY'
        for table in tables
    ]


def _digest(cursor: Any, on: bool, tables: dict[str, bool], schema: str) -> str:
    """Of all that there is to do; new partitions are closed by the function that makes them."""
    parents = {table: False for table, is_partition in tables.items() if not is_partition}
    todo = f"{on} {statements(parents, schema)} {_guards(cursor)} {_copied(cursor)}"
    return hashlib.sha256(todo.encode()).hexdigest()


def _copied(cursor: Any) -> str:
    """The function that policies have a copy of: where a migration changes it, the copy is made anew."""
    cursor.execute("SELECT pg_get_functiondef('names_of_tenants(integer[], text)'::regprocedure)")
    return str(cursor.fetchone()[0])


def _guards(cursor: Any) -> list[str]:
    """Trigger functions that look through the eyes of whoever writes."""
    cursor.execute(
        """SELECT proname FROM pg_proc p WHERE prorettype = 'trigger'::regtype AND NOT prosecdef
              AND pronamespace = current_schema()::regnamespace ORDER BY 1"""
    )
    return [name for (name,) in cursor.fetchall()]


def _let_guards_see(cursor: Any, schema: str) -> None:
    """A guard that reads a table with policies must not miss what it guards against: it runs as the owner."""
    for name in _guards(cursor):
        cursor.execute(
            f'ALTER FUNCTION {schema}."{name}"() SECURITY DEFINER SET search_path = {schema}, pg_temp'
        )


def _need_roles(cursor: Any) -> None:
    cursor.execute(
        "SELECT array_agg(name) FROM unnest(%s::text[]) name WHERE to_regrole(name) IS NULL",
        [[APP, INGEST, REPORT]],
    )
    if missing := cursor.fetchone()[0]:
        raise CommandError(
            f"the database has no role {', '.join(missing)}, which isolation needs. Let an administrator of "
            "the server run what `manage.py database_roles` prints, then repeat this; or set "
            "APPORTION_ISOLATION=off."
        )
