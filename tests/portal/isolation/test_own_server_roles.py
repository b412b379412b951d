"""On somebody's own PostgreSQL each role can what it must and nothing more, by SQL of its own."""

import psycopg
import pytest
from psycopg import sql

from portal.isolation.roles import APP, INGEST, REPORT
from portal.isolation.startup import SeesEverything, refuse_open_tables, refuse_who_sees_everything
from portal.isolation.tables import TABLES
from tests.brokers.programs import wait_until
from tests.portal.isolation.test_grants import COLUMNS, EXPECTED, OF_REPORTS, OF_WORKERS
from tests.support.own_server import OWNER, OwnServer, secret
from tests.support.two_tenants import CARDS, SHOP, requests

pytestmark = pytest.mark.slow
ALL = {"select", "insert", "update", "delete", "truncate"}
REPORTER = "bi_rights"


def tried(server: OwnServer, role: str) -> dict[str, set[str]]:
    """What a role was let do to each table and partition, by trying it; nothing is changed."""
    tables = server.rows(OWNER, """
        SELECT relname, attname FROM pg_class c JOIN pg_attribute ON attrelid = c.oid AND attnum = 1
         WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace""")  # fmt: skip
    found: dict[str, set[str]] = {}
    with psycopg.connect(server.url(role)) as connection:
        for table, column in tables:
            names = {"table": sql.Identifier(table), "column": sql.Identifier(column)}
            deeds = {
                "select": "SELECT FROM {table} WHERE false",
                "insert": "INSERT INTO {table} DEFAULT VALUES",
                "update": "UPDATE {table} SET {column} = DEFAULT WHERE false",
                "delete": "DELETE FROM {table} WHERE false",
                "truncate": "TRUNCATE {table}",
            }
            found[table] = {
                deed for deed, words in deeds.items() if _may(connection, sql.SQL(words).format(**names))
            }
    return {table: deeds for table, deeds in found.items() if deeds}


def _may(connection: "psycopg.Connection[tuple[object, ...]]", statement: sql.Composed) -> bool:
    """Whether it is refused for want of a right; every other mistake comes after that."""
    try:
        connection.execute(statement)
    except psycopg.errors.InsufficientPrivilege as refusal:
        return "row-level security" in str(refusal)  # a policy's word on a row: the right was there
    except psycopg.Error:
        return True
    finally:
        connection.rollback()
    return True


def declared(role: str) -> dict[str, set[str]]:
    """What tests/portal/isolation/test_grants.py says, by hand, of a role."""
    found = {table: set(EXPECTED[decided.writers, role].split()) for table, decided in TABLES.items()}
    if role == INGEST:  # `SELECT FROM` names no column: any readable one is enough
        found |= {table: {"select"} for table in OF_WORKERS}
    return {table: deeds for table, deeds in found.items() if deeds}


@pytest.mark.parametrize("role", [APP, INGEST])
def test_a_role_does_to_each_table_what_was_decided_and_nothing_else(
    own_server: OwnServer, role: str
) -> None:
    assert tried(own_server, role) == declared(role)


def test_the_owner_does_everything(own_server: OwnServer) -> None:
    found = tried(own_server, OWNER)
    assert set(TABLES) < set(found)
    assert {table: ALL - deeds for table, deeds in found.items() if deeds != ALL} == {}


def test_a_bi_login_reads_what_was_decided_and_writes_nothing(own_server: OwnServer) -> None:
    own_server.psql(
        f"CREATE ROLE {REPORTER} LOGIN PASSWORD '{secret(REPORTER)}'; GRANT {REPORT} TO {REPORTER}"
    )
    found = tried(own_server, REPORTER)
    # `SELECT FROM` names no column: any readable one is enough.
    assert found == {table: {"select"} for table in OF_REPORTS | set(COLUMNS)}
    for table, columns in COLUMNS.items():
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            own_server.rows(REPORTER, f"SELECT * FROM {table}")
        own_server.rows(REPORTER, f"SELECT {columns.replace(' ', ', ')} FROM {table}")


def test_who_has_no_role_of_ours_does_nothing(own_server: OwnServer) -> None:
    own_server.psql(f"CREATE ROLE stranger LOGIN PASSWORD '{secret('stranger')}'")
    assert tried(own_server, "stranger") == {}


def test_a_grant_too_many_is_seen_by_trying(own_server: OwnServer) -> None:
    """The sabotage twin."""
    own_server.psql("GRANT DELETE ON ledger_line TO apportion_app", own_server.url(OWNER))
    try:
        assert tried(own_server, APP)["ledger_line"] == {"select", "delete"}
    finally:
        own_server.psql("REVOKE DELETE ON ledger_line FROM apportion_app", own_server.url(OWNER))


def test_the_web_role_sees_nothing_until_it_says_who_asks(own_server: OwnServer) -> None:
    with psycopg.connect(own_server.url(APP)) as connection:
        for table, decided in TABLES.items():
            if decided.using and "service_token" not in table:
                assert connection.execute(f"SELECT FROM {table} LIMIT 1").fetchall() == [], table
    assert own_server.rows(INGEST, "SELECT FROM ledger_line LIMIT 1")


@pytest.mark.parametrize("role", [APP, INGEST, REPORTER])
def test_nobody_becomes_somebody_else(own_server: OwnServer, role: str) -> None:
    if role == REPORTER:
        role = "bi_nobody"
        own_server.psql(f"CREATE ROLE {role} LOGIN PASSWORD '{secret(role)}'; GRANT {REPORT} TO {role}")
    for other in {OWNER, APP, INGEST} - {role}:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            own_server.rows(role, f"SET ROLE {other}")


REFUSED = {
    "the administrator": ("", "is a superuser"),
    "the owner": (OWNER, "has BYPASSRLS"),
    "facts": (INGEST, "has BYPASSRLS"),
    "a plain owner": ("landlord", "owns tables"),
    "a clerk of ingest": ("clerk", "may become apportion_ingest"),
    "a passer-by": ("passer_by", "is not a member of apportion_app"),
    "a bypasser": ("bypasser", "has BYPASSRLS"),
}
MADE = {
    "landlord": f"CREATE ROLE landlord LOGIN PASSWORD 'of-landlord'; GRANT {OWNER}, {APP} TO landlord",
    "clerk": f"CREATE ROLE clerk LOGIN PASSWORD 'of-clerk'; GRANT {INGEST}, {APP} TO clerk",
    "passer_by": "CREATE ROLE passer_by LOGIN PASSWORD 'of-passer_by'",
    "bypasser": f"CREATE ROLE bypasser LOGIN BYPASSRLS PASSWORD 'of-bypasser'; GRANT {APP} TO bypasser",
}


@pytest.mark.parametrize("who", REFUSED)
def test_the_web_process_refuses_whom_no_policy_binds(own_server: OwnServer, who: str) -> None:
    role, why = REFUSED[who]
    if role in MADE:
        own_server.psql(MADE[role])
    url = own_server.url(role) if role else own_server.admin.replace("/postgres", "/costs")
    with pytest.raises(SeesEverything, match=why):
        refuse_who_sees_everything(url)


def test_the_web_process_takes_its_own_role_and_a_member_of_it(own_server: OwnServer) -> None:
    own_server.psql(f"CREATE ROLE pages LOGIN PASSWORD '{secret('pages')}'; GRANT {APP} TO pages")
    for role in (APP, "pages"):
        refuse_who_sees_everything(own_server.url(role))
        refuse_open_tables(own_server.url(role))


@pytest.mark.parametrize("sabotage", ["NO FORCE ROW LEVEL SECURITY", "DISABLE ROW LEVEL SECURITY"])
def test_the_web_process_refuses_tables_that_have_no_policies(own_server: OwnServer, sabotage: str) -> None:
    owner = own_server.url(OWNER)
    own_server.psql(f"ALTER TABLE daily_cost {sabotage}", owner)
    try:
        with pytest.raises(SeesEverything, match="'daily_cost' has no row-level security in force"):
            refuse_open_tables(own_server.url(APP))
    finally:
        own_server.psql("ALTER TABLE daily_cost ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY", owner)
    refuse_open_tables(own_server.url(APP))


def test_gunicorn_ends_with_the_reason_and_is_not_tried_again(own_server: OwnServer) -> None:
    status, said = own_server.refused_web(DATABASE_URL=own_server.url(OWNER))
    assert status == 3
    assert "must not sign in to the database as 'costs_owner', which has BYPASSRLS" in said


def test_the_check_before_a_deployment_says_the_same(own_server: OwnServer) -> None:
    wrong = own_server.manage("check", "--deploy", DATABASE_URL=own_server.url(INGEST))
    assert "isolation.E002" in wrong.stderr
    assert "isolation" not in own_server.manage("check", "--deploy").stderr


def test_a_worker_attributes_what_came_late_as_the_role_of_facts(own_server: OwnServer) -> None:
    dirty = "SELECT count(*) FROM attribution_window WHERE dirty_at IS NOT NULL"
    own_server.done(
        "import_requests", "--source", "requests", str(requests(own_server.folder / "late.jsonl", 6))
    )
    assert own_server.rows(INGEST, dirty) != [(0,)]
    with own_server.worker():
        own_server.publish("attribution.attribute_dirty")
        wait_until(lambda: own_server.rows(INGEST, dirty) == [(0,)], "late requests are attributed", 120)
    used = "SELECT sum(requests) FROM daily_usage WHERE day = '2026-03-06' AND tenant_id <> 0"
    assert own_server.rows(INGEST, used) == [(2,)]


BORNE = "SELECT DISTINCT name, sum(amount_nano) FROM daily_cost JOIN tenant t ON t.id = tenant_id GROUP BY 1"


def nano(usd: str) -> int:
    return int(usd.replace(".", "")) * 100


def test_a_bi_login_is_made_by_the_documented_steps_and_reads_its_tenant_alone(own_server: OwnServer) -> None:
    # The owner may not make logins: it says what an administrator has to do, and then binds what was made.
    refused = own_server.manage("database_roles", "--report", "bi_bank", "--tenant", "Bank")
    assert "CREATE ROLE bi_bank LOGIN; GRANT apportion_report TO bi_bank" in refused.stderr
    own_server.psql("CREATE ROLE bi_bank LOGIN; GRANT apportion_report TO bi_bank")
    own_server.psql(f"ALTER ROLE bi_bank PASSWORD '{secret('bi_bank')}'")
    assert own_server.rows("bi_bank", BORNE) == [], "it is nobody's yet"
    own_server.done("database_roles", "--report", "bi_bank", "--tenant", "Bank")
    assert own_server.rows("bi_bank", BORNE) == [("Cards", nano(CARDS))]
    own_server.done("database_roles", "--report", "bi_bank", "--everything")
    assert dict(own_server.rows("bi_bank", BORNE)) == {"Cards": nano(CARDS), "Shop": nano(SHOP)}
    own_server.done("database_roles", "--report", "bi_bank", "--drop")
    assert own_server.rows("bi_bank", "SELECT current_user") == [("bi_bank",)]
    assert own_server.rows("bi_bank", BORNE) == []


@pytest.fixture(scope="module")
def bi(own_server: OwnServer) -> str:
    """A login that reads Bank and what is below it."""
    name = "bi_reader"
    own_server.psql(f"CREATE ROLE {name} LOGIN PASSWORD '{secret(name)}'; GRANT {REPORT} TO {name}")
    own_server.done("database_roles", "--report", name, "--tenant", "Bank")
    return name


def test_a_bi_login_finds_only_its_own_in_every_table_that_it_reads(own_server: OwnServer, bi: str) -> None:
    shop = own_server.rows(OWNER, "SELECT id FROM tenant WHERE name = 'Shop'")[0][0]
    found = 0
    for table in sorted(OF_REPORTS):
        rows = own_server.rows(bi, f"SELECT to_jsonb(t) FROM {table} t")
        found += len(rows)
        for (row,) in rows:
            assert row.get("tenant_id") != shop, table
            assert not {"Shop", "basket"} & {str(value) for value in row.values()}, table
    assert found > 10


def test_what_a_bi_login_says_of_itself_changes_nothing(own_server: OwnServer, bi: str) -> None:
    own = own_server.rows(bi, BORNE)
    for trick in (
        "SET apportion.tenants = '*'",
        "SET ROLE apportion_report",
        "SET row_security = off",
        "SET search_path = pg_temp, public",
        "CREATE TEMP TABLE report_login AS SELECT 'bi_reader'::text AS role_name, NULL::bigint AS tenant_id",
    ):
        with psycopg.connect(own_server.url(bi)) as connection:
            try:
                connection.execute(trick)
                assert connection.execute(BORNE).fetchall() == own, trick
            except psycopg.errors.InsufficientPrivilege:  # refused is as good
                continue
    for refused in (
        "SET SESSION AUTHORIZATION apportion_app",
        "SELECT seen_names('service')",
        "SELECT * FROM bill",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            own_server.rows(bi, refused)


def test_the_planners_statistics_of_foreign_figures_are_closed_to_a_bi_login(
    own_server: OwnServer, bi: str
) -> None:
    own_server.psql("ANALYZE", own_server.url(OWNER))
    seen = "SELECT DISTINCT tablename FROM pg_stats WHERE schemaname = 'public'"
    tables = {name for (name,) in own_server.rows(bi, seen)}
    assert {name for name in tables if name not in TABLES or TABLES[name].using} == set()
    assert "daily_cost" in {name for (name,) in own_server.rows(OWNER, seen)}


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (
            ["fit_tokens", "--from", "2026-03-01", "--to", "2026-03-02", "--by", "nobody"],
            "no account 'nobody'",
        ),
        (["reject_fit", "1", "--by", "nobody", "--reason", "why"], "no account 'nobody'"),
        (["import_usage", "--source", "nothing", "page.json"], "nothing"),
    ],
)
def test_a_command_signs_in_as_a_role_that_may_read_what_it_asks_first(
    own_server: OwnServer, command: list[str], said: str
) -> None:
    ended = own_server.manage(*command)
    assert said in ended.stderr
    assert "permission denied" not in ended.stderr
