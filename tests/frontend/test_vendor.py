"""Vendored browser files are those that their lock files name."""

import importlib.util
import re
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def vendor() -> ModuleType:
    spec = importlib.util.spec_from_file_location("apportion_vendor", ROOT / "frontend" / "vendor.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_every_vendored_file_has_the_hash_of_its_lock_file(vendor: ModuleType) -> None:
    assert vendor.problems(vendor.SERVED) == []
    assert vendor.problems(vendor.FOR_TESTS) == []


def test_changed_missing_and_unlisted_files_are_named(
    vendor: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / vendor.SERVED
    shutil.copytree(ROOT / vendor.SERVED, home)
    monkeypatch.setattr(vendor, "ROOT", tmp_path)
    (script,) = home.glob("htmx/*/htmx.min.js")
    script.write_text("changed")
    next(home.glob("inter/*/LICENSE")).unlink()
    (home / "extra.js").write_text("")
    said = " ".join(vendor.problems(vendor.SERVED))
    assert "htmx.min.js: expected sha256-" in said
    assert "LICENSE: listed in lock.json but missing" in said
    assert "extra.js: not listed" in said


def test_served_files_point_at_no_source_map() -> None:
    for script in (ROOT / "static").rglob("*.js"):
        assert b"sourceMappingURL=" not in script.read_bytes(), script


def test_style_sheets_name_only_files_that_exist_and_no_other_host() -> None:
    for sheet in (ROOT / "static" / "css").glob("*.css"):
        for address in re.findall(r"url\(\"?([^\")]+)", sheet.read_text("utf-8")):
            assert (sheet.parent / address).resolve().is_file(), f"{sheet.name}: {address}"
