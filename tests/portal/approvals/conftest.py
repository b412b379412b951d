from tests.support.webhook import hook

__all__ = ["hook"]
