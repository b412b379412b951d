"""The environment, read once, typed, and refused at boot when it cannot work.

docs/settings.md lists the variables for the people who set them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from portal.config.brokers import Broker, default_broker, parse_broker
from portal.config.database import Database, parse_database
from portal.config.errors import BadSetting, Mistake
from portal.config.mail import NO_MAIL, Mail, parse_mail
from portal.config.reader import Reader
from portal.embedded.folder import ROLE, DataFolder
from portal.embedded.secret import kept_secret
from portal.identity_providers.declared import OidcProvider, read_oidc
from portal.isolation.roles import APP, INGEST, VARIABLE, Role

LOCAL = ("localhost", "127.0.0.1", "[::1]")
POLICIES = Path(__file__).resolve().parents[1] / "approvals" / "policies.toml"
# Whoever owns tables or writes facts signs in as somebody else than the web process.
_OWN = {Role.OWNER: "DATABASE_OWNER_URL", Role.INGEST: "DATABASE_INGEST_URL"}
_EMBEDDED = {Role.OWNER: ROLE, Role.APP: APP, Role.INGEST: INGEST}
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


@dataclass(frozen=True)
class Env:
    """What the environment says. `embedded`: we run PostgreSQL ourselves, in `folder`."""

    folder: DataFolder
    embedded: bool
    role: Role
    isolation: bool
    database: Database
    broker: Broker
    secret_key: str
    debug: bool
    https: bool
    hosts: tuple[str, ...]
    time_zone: str
    log_level: str
    audit_anchors: Path | None
    month_exports: Path
    mail: Mail = NO_MAIL
    oidc: tuple[OidcProvider, ...] = ()
    address: str = "http://localhost:8000"
    approval_policy: Path = POLICIES
    feed_keys: tuple[str, ...] = ()
    webhooks: tuple[str, ...] = ()
    webhook_hosts: tuple[str, ...] = ()
    export_rate: str = "120/min"


def read_env(environ: Mapping[str, str], checkout: Path) -> Env:
    """The settings in `environ`; the data folder defaults to `var/` of `checkout`.

    Raises BadSetting, naming every variable that cannot be used and what was expected.
    """
    read = Reader(environ)
    folder = DataFolder(read.path("APPORTION_DATA", checkout / "var"))
    embedded = not read.text("DATABASE_URL")
    role = Role(read.text(VARIABLE, Role.OWNER))
    database = Database.embedded(folder, _EMBEDDED[role]) if embedded else _database(read, role)
    env = Env(
        folder=folder,
        embedded=embedded,
        role=role,
        isolation=read.flag("APPORTION_ISOLATION", default=True),
        database=database,
        broker=read.parsed("BROKER_URL", parse_broker)
        or default_broker(Database.embedded(folder) if embedded else database),
        secret_key=_secret_key(read, folder if embedded else None),
        debug=read.flag("APPORTION_DEBUG", default=False),
        https=read.flag("APPORTION_HTTPS", default=not embedded),
        hosts=read.names("APPORTION_HOSTS", LOCAL),
        time_zone=read.zone("APPORTION_TIME_ZONE", "UTC"),
        log_level=read.choice("APPORTION_LOG_LEVEL", "INFO", LEVELS),
        audit_anchors=read.path("APPORTION_AUDIT_ANCHORS", folder.root)
        if read.text("APPORTION_AUDIT_ANCHORS")
        else None,
        month_exports=read.path("APPORTION_MONTHS", folder.root / "months"),
        oidc=read.parsed("APPORTION_OIDC", lambda text: read_oidc(Path(text), environ)) or (),
        mail=read.parsed("APPORTION_MAIL", parse_mail) or NO_MAIL,
        address=read.text("APPORTION_ADDRESS", "http://localhost:8000").rstrip("/"),
        approval_policy=Path(read.text("APPORTION_APPROVAL_POLICY") or POLICIES),
        feed_keys=read.names("APPORTION_FEED_KEYS", ()),
        webhooks=read.names("APPORTION_WEBHOOKS", ()),
        webhook_hosts=read.names("APPORTION_WEBHOOK_HOSTS", ()),
        export_rate=read.parsed("APPORTION_EXPORT_RATE", parse_rate) or Env.export_rate,
    )
    if read.mistakes:
        raise BadSetting(read.mistakes)
    return env


def parse_rate(text: str) -> str:
    """A number of times in a stretch of time, as the throttle reads it. Raises ValueError."""
    if not re.fullmatch(r"[1-9][0-9]{0,8}/(sec|min|hour|day)", text):
        raise ValueError("a number and sec, min, hour or day, such as 120/min")
    return text


def _database(read: Reader, role: Role) -> Database:
    """The operator's own, by what the process does. Where a mistake was noted nobody uses the answer."""
    served = read.parsed("DATABASE_URL", parse_database)
    own = read.parsed(_OWN[role], parse_database) if role in _OWN else None
    return own or served or Database({})


def _secret_key(read: Reader, folder: DataFolder | None) -> str:
    """The given key; on one machine a key made once and kept in the data folder."""
    given = read.text("APPORTION_SECRET_KEY")
    if given and len(given) < 50:
        read.mistakes.append(Mistake("APPORTION_SECRET_KEY", f"at least 50 characters, not {len(given)}"))
    if given or read.mistakes:
        return given
    if folder is None:
        read.mistakes.append(
            Mistake("APPORTION_SECRET_KEY", "a secret of 50 or more characters (needed with DATABASE_URL)")
        )
        return ""
    return kept_secret(folder)
