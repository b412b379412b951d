"""Accessibility rules, by the vendored axe-core."""

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

FOLDER = Path(__file__).parent / "vendor" / "axe-core"
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]


@cache
def _source() -> str:
    (script,) = FOLDER.glob("*/axe.min.js")
    return script.read_text("utf-8")


def violations(page: Page) -> list[str]:
    """What breaks WCAG 2.0 to 2.2, levels A and AA: rule, why it matters, and where."""
    page.evaluate(_source())
    found: dict[str, Any] = page.evaluate(
        "async (tags) => await axe.run(document, {runOnly: {type: 'tag', values: tags}})",
        STANDARDS,
    )
    return [
        f"{rule['id']} ({rule['impact']}): {rule['help']} at {node['target']}: {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
