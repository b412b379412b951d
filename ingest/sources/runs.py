"""Which of the runs that lie in a place counts. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from ingest.sources.bill_run import Run
from ingest.sources.place import Found, Place


@dataclass(frozen=True)
class Delivered:
    """A run with what is there of it; `made_at` is known now, `manifest_tag` changes with its manifest."""

    run: Run
    made_at: datetime
    manifest_tag: str
    files: tuple[Found | None, ...]

    @property
    def files_tag(self) -> str:
        """Changes with the content of any file."""
        return tag_of(found for found in self.files if found)

    @property
    def lacking(self) -> str:
        """Why the run is not whole yet, empty when it is."""
        if not self.files:
            return "its manifest names no file yet"
        expected = list(zip(self.run.files, self.files, strict=True))
        missing = [file.key for file, found in expected if found is None]
        if missing:
            more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
            listed = ", ".join(missing[:3]) + more
            return f"{len(missing)} of {len(self.files)} files are not there yet: {listed}"
        for file, found in expected:
            if found and file.size is not None and found.size != file.size:
                return f"{file.key} has {found.size:,} of {file.size:,} bytes"
        return ""


def tag_of(files: Iterable[Found]) -> str:
    """One short text for the content of many files."""
    return sha256("\n".join(sorted(f"{f.key} {f.tag}" for f in files)).encode()).hexdigest()[:32]


def delivered(
    place: Place,
    runs: Sequence[tuple[Found, Run]],
    there: Mapping[str, Found],
    first_told: Mapping[tuple[str, str], datetime],
) -> dict[str, Delivered]:
    """The newest run of each month. A run that was told of before is as old as it was then."""
    by_month: dict[str, dict[str, Delivered]] = defaultdict(dict)
    pointed = {(run.month, run.run) for _, run in runs if run.newest}
    pointing = {month for month, _ in pointed}
    for manifest, run in runs:
        if run.month in pointing and (run.month, run.run) not in pointed:
            continue  # an assembly that its report no longer points to
        each = _delivered(place, manifest, run, there, first_told)
        before = by_month[run.month].get(each.run.run)
        if before is None or each.made_at < before.made_at:
            by_month[run.month][each.run.run] = each
    return {
        month: max(of_month.values(), key=lambda each: (each.made_at, each.run.run))
        for month, of_month in sorted(by_month.items())
    }


def _delivered(
    place: Place,
    manifest: Found,
    run: Run,
    there: Mapping[str, Found],
    first_told: Mapping[tuple[str, str], datetime],
) -> Delivered:
    written = manifest.modified
    if run.run:
        made_at = run.made_at or first_told.get((run.month, run.run)) or written
    else:
        made_at, run = run.made_at or written, replace(run, run=f"{written:%Y-%m-%dT%H:%M:%S.%fZ}")
    files = tuple(place.resolve(file.key, there) for file in run.files)
    # A manifest that is written again, and says the same, announces files anew.
    return Delivered(run, made_at, f"{manifest.tag} {written.isoformat()}", files)
