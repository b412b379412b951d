"""Worked cases that lie beside the checkout, in ../shared/fixtures."""

import json
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "fixtures"


def worked_case(name: str) -> Any:
    """Return the content of one JSON file; skips the test where the folder is absent."""
    path = FOLDER / f"{name}.json"
    if not path.exists():
        pytest.skip(f"no worked cases: {path} is not there")
    return json.loads(path.read_text())
