"""Properties run the same examples every time: a failure on another machine is a failure here."""

from hypothesis import settings

settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")
