"""Which PostgreSQL: the user's own (DATABASE_URL) or the embedded one."""

from dataclasses import dataclass
from typing import Any

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from portal.embedded.folder import ROLE, DataFolder

EXPECTED = "postgresql://user:password@host:5432/database"


@dataclass(frozen=True)
class Database:
    """Connection parameters by libpq's names, among them host, dbname and user."""

    parameters: dict[str, str]

    @classmethod
    def embedded(cls, folder: DataFolder, user: str = ROLE) -> "Database":
        """The database that we start ourselves in `folder`, as one of its roles; its owner without `user`."""
        return cls(folder.connection(user=user))

    @property
    def conninfo(self) -> str:
        """As key=value text. Kombu's pgmq transport does not understand an address with `?host=`."""
        return make_conninfo(**self.parameters)

    def for_django(self) -> dict[str, Any]:
        """The entry of Django's DATABASES."""
        options: dict[str, Any] = dict(self.parameters)
        named = {key: options.pop(name, "") for key, name in DJANGO_NAMES.items()}
        options["application_name"] = options.get("application_name", "apportion")
        return {
            "ENGINE": "django.db.backends.postgresql",
            **named,
            "OPTIONS": options,
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            "ATOMIC_REQUESTS": False,
        }


DJANGO_NAMES = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}


def parse_database(url: str) -> Database:
    """The database at `url`. Raises ValueError saying what is expected."""
    if not url.startswith(("postgresql://", "postgres://")):
        raise ValueError(f"{EXPECTED} (PostgreSQL 15 or newer; no other database works)")
    try:
        found = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
    except ProgrammingError:
        # Its own words may quote the password.
        raise ValueError(f"{EXPECTED} (special characters of a password as %XX)") from None
    if not found.get("dbname"):
        raise ValueError(f"{EXPECTED} (the database's name is missing)")
    if not all(port.isdigit() for port in found.get("port", "5432").split(",")):
        raise ValueError(f"{EXPECTED} (the port must be a number)")
    return Database(found)
