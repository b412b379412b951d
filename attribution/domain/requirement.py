"""Which versions work together: "vllm >=0.8" needs a driver ">=550", on some accelerators."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

# What has versions. Of the named ones there are several: a runtime is vllm or sglang, a driver is a driver.
NAMED = ("runtime", "model", "library")
PARTS = (*NAMED, "driver", "firmware", "kubernetes")
_SPLIT = re.compile(r"\s*([^\s<>=!~][^<>=!~]*?)?\s*((?:[<>=!~].*)?)")
_LEADING = re.compile(r"v?\d+(?:\.\d+)*")


@dataclass(frozen=True)
class Requirement:
    """A part of the platform and what its version has to be; `name` is "" where the part has none."""

    part: str
    name: str
    versions: SpecifierSet

    @property
    def said(self) -> str:
        """For people, and to be read again: "vllm >=0.8"."""
        return " ".join(filter(None, (self.name, ",".join(sorted(map(str, self.versions))))))


@dataclass(frozen=True)
class Together:
    """Where all of `when` holds on one of `accelerators` (globs; none: any), all of `needs` has to hold."""

    when: tuple[Requirement, ...]
    needs: tuple[Requirement, ...]
    accelerators: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    """`ok` None: nobody can tell, and `why` says what is missing. `concerns` False: it is about others."""

    concerns: bool
    ok: bool | None
    why: str


def read_requirement(part: str, text: str) -> Requirement:
    """Raises ValueError for what is no requirement of this part."""
    found = _SPLIT.fullmatch(text)
    name, versions = (found[1] or "", found[2]) if found else ("", "?")
    if not versions or bool(name) != (part in NAMED):
        raise ValueError(f"{part} is {text!r}, not {example(part)!r}")
    try:
        return Requirement(part, name, SpecifierSet(versions, prereleases=True))
    except InvalidSpecifier:
        raise ValueError(f"{part} is {text!r}, not {example(part)!r}") from None


def read_version(part: str, text: str) -> tuple[str, Version]:
    """The name ("" where the part has none) and the version of what runs. Raises ValueError."""
    *names, version = text.split() or [""]
    if bool(names) != (part in NAMED):
        raise ValueError(f"{part} is {text!r}, not {example(part, runs=True)!r}")
    try:
        return " ".join(names), Version(version)
    except InvalidVersion:
        # "1.31.2-eks-7f9249a" is Kubernetes 1.31.2 of somebody.
        if (leading := _LEADING.match(version)) is None:
            raise ValueError(f"{part} is {text!r}, not {example(part, runs=True)!r}") from None
        return " ".join(names), Version(leading[0])


def example(part: str, *, runs: bool = False) -> str:
    """What a requirement, or a version that `runs`, looks like."""
    name = {"runtime": "vllm ", "model": "llama-3 ", "library": "nccl "}.get(part, "")
    number = {"driver": "550", "firmware": "96", "kubernetes": "1.31"}.get(part, "0.8")
    return f"{name}{'' if runs else '>='}{number}"


def judge(rule: Together, accelerators: Sequence[str], versions: Mapping[str, str]) -> Verdict:
    """Hold a rule against what will run: `versions` by part, on pools with these accelerators."""
    missing = []
    if rule.accelerators:
        if not accelerators:
            missing.append("no pool is named, so nobody knows on which accelerator")
        elif not any(fnmatchcase(one, glob) for one in accelerators for glob in rule.accelerators):
            return Verdict(False, None, f"it is about {', '.join(rule.accelerators)}")
    for one in rule.when:
        holds = _holds(one, versions)
        if holds is False:
            return Verdict(False, None, f"it is about {one.part} {one.said}")
        if holds is None:
            missing.append(f"nothing says which {one.part} runs")
    needs = {one: _holds(one, versions) for one in rule.needs}
    broken = [
        f"{one.part} is {versions[one.part]}, not {one.said}" for one, ok in needs.items() if ok is False
    ]
    unsaid = [f"nothing says which {one.part} runs" for one, ok in needs.items() if ok is None]
    if missing or (unsaid and not broken):
        return Verdict(True, None, "; ".join(dict.fromkeys(missing + unsaid)))
    if broken:
        return Verdict(True, False, "; ".join(broken))
    return Verdict(True, True, ", ".join(f"{one.part} {versions[one.part]}" for one in rule.needs))


def _holds(one: Requirement, versions: Mapping[str, str]) -> bool | None:
    if not versions.get(one.part):
        return None
    name, version = read_version(one.part, versions[one.part])
    return name == one.name and one.versions.contains(version)
