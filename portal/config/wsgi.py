"""The web application for gunicorn: `gunicorn portal.config.wsgi`."""

import os
import warnings

from portal.isolation.roles import VARIABLE, Role

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.config.settings")
os.environ[VARIABLE] = Role.APP

from django.core.wsgi import get_wsgi_application
from django.db import connections

from portal.config.boot import boot_or_exit

# WhiteNoise finds files without staticfiles/, which is for releases: WHITENOISE_USE_FINDERS.
warnings.filterwarnings("ignore", "No directory at", UserWarning)

# gunicorn's own status for workers that cannot start: at any other one it would try again for ever.
boot_or_exit(refused=3)
application = get_wsgi_application()


def _say_first_run() -> None:
    from portal.accounts.first_run_notice import say_first_run

    say_first_run()
    connections.close_all()  # gunicorn may fork after this


_say_first_run()
