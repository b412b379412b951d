"""Settings, and the applications that servers load: wsgi for the web, celery for workers and beat."""
