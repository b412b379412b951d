"""A wrong setting stops at boot, names the variable and says what was expected. Secrets are not repeated."""

import stat
from pathlib import Path

import pytest

from portal.config.env import Env, read_env
from portal.config.errors import BadSetting

KEY = "k" * 50
OWN = {"DATABASE_URL": "postgresql://ada:pa%20ss@db.example:5433/money", "APPORTION_SECRET_KEY": KEY}


def refusal(tmp_path: Path, **settings: str) -> str:
    """What a start with `settings` complains about."""
    with pytest.raises(BadSetting) as caught:
        read_env(settings, tmp_path)
    return str(caught.value)


def test_nothing_set_is_the_one_machine_default(tmp_path: Path) -> None:
    env = read_env({}, tmp_path)
    assert env.embedded
    assert env.folder.root == tmp_path / "var"
    assert env.broker.kind == "pgmq"
    assert env.broker.database == env.database
    assert not env.https
    assert not env.debug


def test_the_secret_key_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    first, second = read_env({}, tmp_path), read_env({}, tmp_path)
    assert first.secret_key == second.secret_key
    assert len(first.secret_key) >= 50
    assert stat.S_IMODE((tmp_path / "var" / "secret_key").stat().st_mode) == 0o600


def test_an_own_database_is_used_and_carries_the_queue(tmp_path: Path) -> None:
    env = read_env(OWN, tmp_path)
    assert not env.embedded
    assert env.https
    django = env.database.for_django()
    assert (django["NAME"], django["USER"], django["PASSWORD"]) == ("money", "ada", "pa ss")
    assert (django["HOST"], django["PORT"]) == ("db.example", "5433")
    assert "dbname=money" in env.broker.transport_options()["conn_string"]
    assert not (tmp_path / "var").exists()


def test_options_in_the_address_reach_the_driver(tmp_path: Path) -> None:
    own = OWN | {"DATABASE_URL": "postgres://ada@/money?host=/run/pg&sslmode=disable&application_name=x"}
    django = read_env(own, tmp_path).database.for_django()
    assert django["HOST"] == "/run/pg"
    assert django["OPTIONS"] == {"sslmode": "disable", "application_name": "x"}


def test_an_empty_variable_counts_as_not_set(tmp_path: Path) -> None:
    assert read_env({"DATABASE_URL": "", "BROKER_URL": " "}, tmp_path).embedded


@pytest.mark.parametrize(
    "url",
    [
        "mysql://u:hush@h/d",
        "money",
        "postgresql://u:hush@h:5432/",
        "postgresql://h:x/d",
        "postgresql://u:hush%zz@h/d",
    ],
)
def test_a_wrong_database_address_is_named_without_its_password(url: str, tmp_path: Path) -> None:
    said = refusal(tmp_path, DATABASE_URL=url, APPORTION_SECRET_KEY=KEY)
    assert "DATABASE_URL: expected postgresql://user:password@host:5432/database" in said
    assert "hush" not in said


@pytest.mark.parametrize("url", ["kafka://u:hush@h", "redis", "redis:///0", "amqp://"])
def test_a_wrong_broker_address_is_named_without_its_password(url: str, tmp_path: Path) -> None:
    said = refusal(tmp_path, BROKER_URL=url)
    assert "BROKER_URL: expected" in said
    assert "hush" not in said


def test_an_own_database_needs_a_secret_key(tmp_path: Path) -> None:
    said = refusal(tmp_path, DATABASE_URL=OWN["DATABASE_URL"])
    assert "APPORTION_SECRET_KEY: expected a secret of 50 or more characters" in said


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("APPORTION_SECRET_KEY", "short", "at least 50 characters, not 5"),
        ("APPORTION_DEBUG", "maybe", "on or off; found 'maybe'"),
        ("APPORTION_HTTPS", "2", "on or off"),
        ("APPORTION_TIME_ZONE", "Mars/Olympus", "a time zone such as"),
        ("APPORTION_TIME_ZONE", "../etc/passwd", "a time zone such as"),
        ("APPORTION_LOG_LEVEL", "loud", "one of DEBUG, INFO, WARNING, ERROR"),
        ("APPORTION_DATA", "var", "an absolute path"),
        ("APPORTION_DATA", __file__, "a folder, not a file"),
    ],
)
def test_each_variable_says_what_it_expects(name: str, value: str, expected: str, tmp_path: Path) -> None:
    assert f"{name}: expected {expected}" in refusal(tmp_path, **{name: value})


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    said = refusal(tmp_path, DATABASE_URL="x", BROKER_URL="y", APPORTION_DEBUG="z")
    assert all(name in said for name in ("DATABASE_URL", "BROKER_URL", "APPORTION_DEBUG"))


def broker(tmp_path: Path, url: str) -> Env:
    return read_env({"BROKER_URL": url}, tmp_path)


@pytest.mark.parametrize(
    ("given", "known_as"),
    [
        ("valkey://h:6379/1", "redis://h:6379/1"),
        ("valkeys://h/1", "rediss://h/1"),
        ("valkey+socket:///run/valkey.sock", "redis+socket:///run/valkey.sock"),
        ("redis://:pw@h/0", "redis://:pw@h/0"),
        ("amqp://u:p@h//", "amqp://u:p@h//"),
        ("amqps://u:p@h/v", "amqps://u:p@h/v"),
    ],
)
def test_brokers_are_translated_to_the_names_that_kombu_knows(
    given: str, known_as: str, tmp_path: Path
) -> None:
    assert broker(tmp_path, given).broker.url == known_as


def test_pgmq_in_another_database_is_reached_by_key_and_value(tmp_path: Path) -> None:
    env = broker(tmp_path, "pgmq://q:pw@queue.example/jobs?sslmode=require")
    options = env.broker.transport_options()
    assert options["conn_string"] == "user=q password=pw dbname=jobs host=queue.example sslmode=require"
    assert env.embedded


@pytest.mark.parametrize("url", ["", "redis://h", "amqp://h"])
def test_no_task_outlives_the_time_after_which_it_is_handed_out_again(url: str, tmp_path: Path) -> None:
    from portal.config.celery import celery_settings

    settings = celery_settings(broker(tmp_path, url))
    limit = settings["task_time_limit"]
    assert settings["task_soft_time_limit"] < limit < 600
    assert settings["broker_transport_options"].get("visibility_timeout", 1800) > limit


def test_the_rate_of_exports_is_a_number_in_a_stretch_of_time(tmp_path: Path) -> None:
    assert read_env({}, tmp_path).export_rate == "120/min"
    assert read_env({"APPORTION_EXPORT_RATE": "9/hour"}, tmp_path).export_rate == "9/hour"
    for wrong in ("0/min", "fast", "10", "10/fortnight", "-1/sec"):
        assert "a number and sec, min, hour or day" in refusal(tmp_path, APPORTION_EXPORT_RATE=wrong)
