"""The browser's fixtures, for journeys only."""

from tests.support.browser import browser, look

__all__ = ["browser", "look"]
