"""The web application for gunicorn: `gunicorn portal.config.wsgi`."""

import os

from portal.isolation.roles import VARIABLE, Role

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.config.settings")
os.environ[VARIABLE] = Role.APP

from django.core.wsgi import get_wsgi_application

from portal.config.boot import boot_or_exit

boot_or_exit()
application = get_wsgi_application()
