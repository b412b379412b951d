"""The terminal shows the demo's steps and what goes wrong, and nothing else."""

import io
import logging
from pathlib import Path

from portal.demo.quiet import logged_aside


def test_only_warnings_reach_the_terminal_and_the_file_has_everything(tmp_path: Path) -> None:
    terminal, root = logging.StreamHandler(io.StringIO()), logging.getLogger()
    before = root.level
    root.addHandler(terminal)
    root.setLevel(logging.INFO)
    try:
        with logged_aside(tmp_path / "logs" / "making.log"):
            logging.getLogger("portal.audit.anchors").info("audit anchor number=7")
            logging.getLogger("portal").warning("a source is silent")
        logging.getLogger("portal").info("later")
    finally:
        root.removeHandler(terminal)
        root.setLevel(before)
    assert terminal.stream.getvalue().split("\n") == ["a source is silent", "later", ""]
    kept = (tmp_path / "logs" / "making.log").read_text()
    assert "audit anchor number=7" in kept
    assert "a source is silent" in kept
    assert "later" not in kept
