#!/usr/bin/env python
"""Every command of Apportion. Starts the embedded services if they are not running, shares them if so."""

import os
import signal
import sys

WITHOUT_SERVICES = {"help", "--help", "-h", "version", "--version", "collectstatic", "findstatic"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.config.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit("Django is not installed here. Run `make setup`, then use .venv/bin/python manage.py")
    # A plain kill must end us the way Ctrl-C does, so that the last to leave stops the server.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command not in WITHOUT_SERVICES:
        from portal.config.start import start
        from portal.isolation.roles import VARIABLE, role_of_command

        os.environ[VARIABLE] = role_of_command(command)
        start(command)
    from portal.audit.actor import of_command
    from portal.audit.telling import acting_as

    with acting_as(of_command(command)):
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
