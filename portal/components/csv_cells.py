"""Cells of a CSV that no spreadsheet takes for a formula."""

from typing import TypeVar

T = TypeVar("T")
# What a formula may begin with, for one spreadsheet or another.
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")


def guarded(cell: T) -> T | str:
    """Text with an apostrophe in front where it could run; whatever else it is stays as it is."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(DANGEROUS) else cell
