"""The lines of a stranger's text file, whatever its encoding and line ends."""

import codecs
import csv
import io
from collections.abc import Iterator

from ingest.sources.file_bytes import MIB, open_bytes
from ingest.sources.file_list import NamedFile
from ingest.sources.rejected import RefusedFile

LONGEST_LINE = 4 * MIB
LONGEST_FIELD = MIB
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def text_lines(file: NamedFile) -> Iterator[str]:
    """Lines with their ends. Raises RefusedFile where the text is not what its first bytes promise."""
    with open_bytes(file) as stream:
        encoding = _encoding(stream.peek(64)[:64])
        text = io.TextIOWrapper(stream, encoding=encoding, newline="")
        number = 0
        try:
            while line := text.readline(LONGEST_LINE):
                number += 1
                if len(line) == LONGEST_LINE:
                    raise RefusedFile(file.name, f"line {number} is longer than {LONGEST_LINE:,} characters")
                yield line
        except UnicodeError as error:
            raise RefusedFile(
                file.name, f"not {encoding.removesuffix('-sig').upper()} text after line {number} ({error})"
            ) from error


def csv_rows(file: NamedFile) -> Iterator[tuple[int, list[str]]]:
    """Rows of a CSV file with the line each ends on; empty lines are passed over.

    Raises RefusedFile for a field that nobody closes, or beyond a mebi of characters: the rest of such a
    file cannot be told apart.
    """
    csv.field_size_limit(LONGEST_FIELD)  # of the process; the default fails at 131,072, real tags are longer
    reader = csv.reader(text_lines(file), strict=True)
    while True:
        start = reader.line_num + 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            why = f"not CSV at line {start} ({error}): is a quote not closed?"
            raise RefusedFile(file.name, why) from error
        if row is None:
            return
        if row:
            yield start, row


def _encoding(head: bytes) -> str:
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    # UTF-16 without a mark: Latin letters have a zero beside them.
    if len(head) >= 4 and not any(head[1:8:2]):
        return "utf-16-le"
    if len(head) >= 4 and not any(head[0:8:2]):
        return "utf-16-be"
    return "utf-8"
