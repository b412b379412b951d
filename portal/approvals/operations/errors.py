"""Why something is not done."""


class CannotChange(ValueError):
    """What is wrong with what was asked, in words for whoever asked."""


class NotYours(CannotChange):
    """It is not theirs to do; the words say who may."""
