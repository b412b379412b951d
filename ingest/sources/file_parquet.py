"""Record batches of a stranger's Parquet file."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from ingest.sources.file_bytes import LARGEST, MIB
from ingest.sources.file_list import NamedFile
from ingest.sources.rejected import RefusedFile

ROWS_AT_ONCE = 50_000


def parquet_batches(file: NamedFile, columns: list[str] | None = None) -> Iterator[pa.RecordBatch]:
    """The file, some rows at a time; the first batch is empty and has the schema.

    Raises RefusedFile for a file that is cut off, damaged or unpacks to more than a file may have.
    """
    try:
        with pq.ParquetFile(file.path) as parquet:
            _check_size(file, parquet)
            yield _empty(parquet)
            yield from parquet.iter_batches(ROWS_AT_ONCE, columns=columns)
    except (pa.ArrowException, OSError) as error:
        raise RefusedFile(file.name, f"the Parquet file is cut off or damaged ({error})") from error


def _empty(parquet: pq.ParquetFile) -> pa.RecordBatch:
    schema = parquet.schema_arrow
    return pa.RecordBatch.from_arrays([pa.array([], field.type) for field in schema], schema=schema)


def _check_size(file: NamedFile, parquet: pq.ParquetFile) -> None:
    metadata = parquet.metadata
    size = sum(metadata.row_group(number).total_byte_size for number in range(metadata.num_row_groups))
    if size > LARGEST:
        raise RefusedFile(file.name, f"it says that it unpacks to {size // MIB:,} MiB, which no export does")
