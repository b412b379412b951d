"""`check --deploy` says beforehand what the web process would refuse."""

import os
from typing import Any

import psycopg
from django.conf import settings
from django.core.checks import Error

from portal.config.env import read_env
from portal.isolation.roles import VARIABLE, Role
from portal.isolation.startup import SeesEverything, refuse_open_tables, refuse_who_sees_everything


def who_serves_pages(**_: Any) -> list[Error]:
    """The web process would not start as it is set up: policies do not bind its role."""
    web = read_env(os.environ | {VARIABLE: Role.APP}, settings.BASE_DIR)
    if not web.isolation:
        return []
    try:
        refuse_who_sees_everything(web.database.conninfo)
        refuse_open_tables(web.database.conninfo)
    except (SeesEverything, psycopg.Error) as problem:
        return [Error(str(problem).strip(), id="isolation.E002")]
    return []
