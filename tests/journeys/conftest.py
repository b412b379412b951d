"""The browser's fixtures, for journeys only."""

from tests.support.browser import browser, look
from tests.support.keys import with_key

__all__ = ["browser", "look", "with_key"]
