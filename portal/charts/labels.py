"""Text inside a figure. The drawing library reads markup (<b>, <a href>) and templates (%{x}) in labels."""


def label(text: str) -> str:
    """Text that is drawn as it stands, whatever a stranger called their tenant."""
    for mark, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("{", "&#123;")):
        text = text.replace(mark, entity)
    return text
