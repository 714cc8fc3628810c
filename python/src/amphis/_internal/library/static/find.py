"""Where the stub and the source of a module are, without importing it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

# Distributions that carry typeshed, and where in them its standard library is. The first is made
# for programs that read it; the others have it with them.
_CARRIERS = (
    ("typeshed_client", "typeshed"),
    ("mypy", "typeshed/stdlib"),
    ("jedi", "third_party/typeshed/stdlib/3"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """A file that describes a module."""

    path: str
    is_package: bool


def find_typeshed(folders: Sequence[str]) -> str | None:
    """The folder of the stubs of the standard library, where some distribution has it."""
    for package, inner in _CARRIERS:
        for folder in folders:
            place = os.path.join(folder, package, *inner.split("/"))  # noqa: PTH118 - thousands are asked for
            if os.path.isfile(os.path.join(place, "builtins.pyi")):  # noqa: PTH113, PTH118
                return place
    return None


@dataclass(slots=True)
class Finder:
    """Finds stubs and sources in folders, in the order in which type checkers look."""

    folders: Sequence[str]
    typeshed: str | None
    _listed: dict[str, frozenset[str]] = field(default_factory=dict)
    _versions: dict[str, tuple[tuple[int, int], tuple[int, int]]] | None = None

    def stub(self, module: str) -> Found | None:
        """A stub: of a `-stubs` distribution, beside the source, of typeshed."""
        top, _, rest = module.partition(".")
        for folder in self.folders:
            found = self._in(os.path.join(folder, f"{top}-stubs"), rest, ".pyi")  # noqa: PTH118
            if found is not None:
                return found
        for folder in self.folders:
            found = self._in(os.path.join(folder, top), rest, ".pyi")  # noqa: PTH118
            if found is not None:
                return found
        if self.typeshed is None or not self._is_of_this_python(module):
            return None
        return self._in(os.path.join(self.typeshed, top), rest, ".pyi")  # noqa: PTH118

    def source(self, module: str) -> Found | None:
        """The source of a module, where there is one."""
        top, _, rest = module.partition(".")
        for folder in self.folders:
            found = self._in(os.path.join(folder, top), rest, ".py")  # noqa: PTH118
            if found is not None:
                return found
        return None

    def _in(self, start: str, rest: str, ending: str) -> Found | None:
        place = os.path.join(start, *rest.split(".")) if rest else start  # noqa: PTH118
        parent, name = os.path.split(place)
        listed = self._names(parent)
        if name in listed and f"__init__{ending}" in self._names(place):
            return Found(os.path.join(place, f"__init__{ending}"), is_package=True)  # noqa: PTH118
        if f"{name}{ending}" in listed:
            return Found(f"{place}{ending}", is_package=False)
        return None

    def _names(self, folder: str) -> frozenset[str]:
        known = self._listed.get(folder)
        if known is None:
            try:
                known = frozenset(os.listdir(folder))  # noqa: PTH208
            except OSError:
                known = frozenset()
            self._listed[folder] = known
        return known

    def _is_of_this_python(self, module: str) -> bool:
        versions = self._versions
        if versions is None:
            versions = self._versions = _read_versions(self.typeshed or "")
        while module:
            if module in versions:
                first, last = versions[module]
                return first <= sys.version_info[:2] <= last
            module = module.rpartition(".")[0]
        return True


def _read_versions(typeshed: str) -> dict[str, tuple[tuple[int, int], tuple[int, int]]]:
    """Which Pythons have which module: `asyncio.mixins: 3.10-`, as typeshed says."""
    versions: dict[str, tuple[tuple[int, int], tuple[int, int]]] = {}
    try:
        with open(os.path.join(typeshed, "VERSIONS"), encoding="utf-8") as file:  # noqa: PTH118, PTH123
            lines = file.read(1_000_000).splitlines()
    except OSError:
        return versions
    for line in lines:
        module, colon, span = line.partition("#")[0].partition(":")
        first, _, last = span.strip().partition("-")
        if colon:
            versions[module.strip()] = (_version(first, (3, 0)), _version(last, (99, 0)))
    return versions


def _version(text: str, otherwise: tuple[int, int]) -> tuple[int, int]:
    major, _, minor = text.strip().partition(".")
    is_version = major.isdigit() and minor.isdigit()
    return (int(major), int(minor)) if is_version else otherwise
