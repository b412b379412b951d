"""What part of its device a slice is: MIG profiles and compute partitions, by tables with source and date."""

import re
from functools import lru_cache
from typing import NamedTuple

from attribution.domain.placement import matches
from attribution.domain.tables import groups

# 3g.40gb, 1g.10gb+me, and 1c.3g.40gb: one of the three compute slices of an instance.
_MIG = re.compile(r"(?:(\d+)c\.)?(\d+)g\.\d+gb(?:[.+].*)?")
_RESOURCE = re.compile(r"(?:nvidia_com_)?mig_(\d+g)_(\d+gb)((?:_\w+?)*?)(?:_shared)?")


class SliceSize(NamedTuple):
    """`slices` of the device's `of`."""

    slices: int
    of: int


WHOLE = SliceSize(1, 1)


@lru_cache(maxsize=4096)
def slice_size(profile: str, model: str) -> SliceSize | None:
    """The size of a slice by its profile and the device's model; None for a profile that no table knows.

    A slice never is more than its device: one that claims more is all of it.
    """
    found = _MIG.fullmatch(profile.lower())
    if found:
        count, of = int(found.group(1) or found.group(2)), _of_model("mig", model)
        return SliceSize(min(max(count, 1), of), of)
    of = _of_model("partition", model, profile.lower())
    return SliceSize(1, of) if of else None


def profile_of_resource(resource: str) -> str:
    """The profile that a Kubernetes resource asks for, as `profile_name` has it; "" for whole devices.

    kube-state-metrics writes nvidia.com/mig-1g.10gb as nvidia_com_mig_1g_10gb.
    """
    found = _RESOURCE.fullmatch(resource)
    if not found:
        return ""
    return profile_name(f"{found.group(1)}.{found.group(2)}{found.group(3).replace('_', '.')}")


def profile_name(profile: str) -> str:
    """One spelling for all: 1g.10gb+me is 1g.10gb.me."""
    return profile.lower().replace("+", ".")


def _of_model(kind: str, model: str, profile: str = "") -> int:
    for group in groups("slices"):
        for row in group["rows"] if group["kind"] == kind else ():
            fits = any(matches(glob.lower(), model.lower()) for glob in row["models"])
            if fits and row.get("profile", "") == profile:
                return int(row["slices"])
    return 0
