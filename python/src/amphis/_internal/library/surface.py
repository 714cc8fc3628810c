"""Which modules and names of a library are public, and where each object is described."""

from __future__ import annotations

import importlib
import pkgutil
import sys
import types
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from amphis._internal.library.runtime.ask import ask, is_a, text_of
from amphis._internal.library.static.scope import Imported
from amphis._internal.library.static.sources import Sources

# Modules that are for those who run or test a library, not for those who use it.
_SKIPPED = {"__main__", "conftest", "setup", "test", "tests"}
_MAX_MODULES = 5_000
_MAX_NAMES = 500_000
_LINE = 300
_MISSING = object()


@dataclass(slots=True)
class PublicModule:
    """A module that users may import, or why that failed."""

    path: str
    module: types.ModuleType | None = None
    failure: str | None = None
    names: dict[str, object] = field(default_factory=dict)
    # Modules among its attributes, by name.
    links: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Surface:
    """The public modules of a library, found by importing them."""

    library: str
    sources: Sources
    announce: Callable[[str], None]
    # Modules that ended an earlier process, and how.
    skipped: Mapping[str, str]
    modules: dict[str, PublicModule] = field(default_factory=dict)
    # Where an object is described, by its identity; the objects live as long as their modules.
    paths: dict[int, str] = field(default_factory=dict)
    _waiting: list[tuple[str, types.ModuleType | None]] = field(default_factory=list)
    _by_module: dict[int, str] = field(default_factory=dict)
    # Second paths of modules, by which links may name them.
    _same: dict[str, str] = field(default_factory=dict)

    def walk(self) -> None:
        """Import what is public, the library first."""
        self._waiting.append((self.library, None))
        while self._waiting and len(self.modules) < _MAX_MODULES:
            path, module = self._waiting.pop(0)
            if path not in self.modules:
                self._visit(path, module)
        self._choose_paths()

    def is_public(self, thing: object) -> bool:
        """Whether a public name leads to it."""
        return id(thing) in self.paths

    def _visit(self, path: str, module: types.ModuleType | None) -> None:
        found = PublicModule(path)
        self.modules[path] = found
        self.announce(path)
        found.module = module if module is not None else self._import(found)
        if found.module is None:
            self._wait_for_submodules(found, None)
            return
        known = self._by_module.setdefault(id(found.module), path)
        if known != path:
            # Another name of a module that is described already.
            del self.modules[path]
            self._same[path] = known
            return
        exported = _exported(found.module)
        found.names = dict(self._public_names(found, found.module, exported))
        self._take_links(found, exported)
        self._wait_for_submodules(found, exported)

    def _import(self, found: PublicModule) -> types.ModuleType | None:
        if found.path in self.skipped:
            found.failure = self.skipped[found.path]
            return None
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return importlib.import_module(found.path)
        except BaseException as raised:  # noqa: BLE001 - a module may raise anything, SystemExit too; it stops here
            found.failure = _why(raised)
            return None

    def _public_names(
        self, found: PublicModule, module: types.ModuleType, exported: list[str] | None
    ) -> Iterator[tuple[str, object]]:
        if exported is not None:
            for name in dict.fromkeys(exported):
                thing = _attribute(module, name)
                if thing is not _MISSING:
                    yield name, thing
            return
        listed = ask(lambda: dir(module)) or []
        names = dict.fromkeys([*vars(module), *map(str, listed)])
        for name in list(names)[:_MAX_NAMES]:
            if name.startswith("_"):
                continue
            thing = _attribute(module, name)
            if thing is not _MISSING and self._belongs(found, name, thing):
                yield name, thing

    def _belongs(self, found: PublicModule, name: str, thing: object) -> bool:
        """Whether a name is the library's own rather than something that it imported for itself."""
        if is_a(thing, types.ModuleType):
            return True
        origin = text_of(thing, "__module__")
        is_named = issubclass(type(thing), type) or callable(thing)
        if is_named and origin is not None:
            return self._is_own(origin) or self._is_passed_on(found.path, name)
        binding = self._binding(found.path, name)
        return not isinstance(binding, Imported) or self._is_own(binding.module)

    def _is_passed_on(self, module: str, name: str) -> bool:
        """Whether a stub says that a name from elsewhere is meant for users of this module."""
        scope = self.sources.stub(module)
        binding = None if scope is None else scope.names.get(name)
        return isinstance(binding, Imported) and binding.is_explicit

    def _is_own(self, module: str) -> bool:
        top = module.partition(".")[0]
        mine = self.library.partition(".")[0]
        # `_thread` is what `threading` is made of; a namespace package shares its top with others.
        return top == mine or top.lstrip("_") == mine or (top == "posixpath" and mine == "os")

    def _binding(self, module: str, name: str) -> object:
        scope = self.sources.source(module) or self.sources.stub(module)
        return None if scope is None else scope.names.get(name)

    def target(self, link: str) -> str | None:
        """The module that a link leads to; None where that is not public."""
        known = self._same.get(link, link)
        return known if known in self.modules or not _is_within(known, self.library) else None

    def _take_links(self, found: PublicModule, exported: list[str] | None) -> None:
        for name, thing in list(found.names.items()):
            if not is_a(thing, types.ModuleType):
                continue
            del found.names[name]
            if name.startswith("_"):
                continue
            path = f"{found.path}.{name}"
            own = text_of(thing, "__name__") or ""
            if sys.modules.get(path) is thing:
                found.links[name] = path
            elif _is_within(own, self.library) and not _is_private(own):
                found.links[name] = own
            elif exported is not None and (self._is_own(own) or path in sys.modules):
                found.links[name] = path
                self._waiting.append((path, thing))

    def _wait_for_submodules(self, found: PublicModule, exported: list[str] | None) -> None:
        if found.module is None:
            return
        folders = vars(found.module).get("__path__")
        listed = ask(lambda: [str(one) for one in folders]) if folders is not None else None
        inner = ask(lambda: [one.name for one in pkgutil.iter_modules(listed)]) if listed else None
        names = [one for one in inner or [] if one.isidentifier()]
        # A package that names some of its modules says which are meant for others.
        named = [one for one in found.links if found.links[one] == f"{found.path}.{one}"]
        if exported is not None and named:
            names = [one for one in named if one not in _SKIPPED]
        else:
            names = [*names, *(one for one in named if one not in names)]
        for name in names:
            if not name.startswith("_") and name not in _SKIPPED:
                self._waiting.append((f"{found.path}.{name}", None))

    def _choose_paths(self) -> None:
        """Describe each object where it says that it is defined, else where it was met first."""
        candidates: dict[int, list[tuple[str, str]]] = {}
        things: dict[int, object] = {}
        for module in self.modules.values():
            for name, thing in module.names.items():
                if issubclass(type(thing), type) or callable(thing):
                    candidates.setdefault(id(thing), []).append((module.path, name))
                    things[id(thing)] = thing
        for key, places in candidates.items():
            thing = things[key]
            own = text_of(thing, "__qualname__") or text_of(thing, "__name__")
            home = text_of(thing, "__module__")
            best = min(places, key=lambda at: (at != (home, own), at[1] != own))
            if home == "builtins" and self.library != "builtins" and issubclass(type(thing), type):
                self.paths[key] = f"builtins.{own}"
            else:
                self.paths[key] = ".".join(best)


def _why(raised: BaseException) -> str:
    said = ask(lambda: str(raised)) or ""
    reason = f"{type(raised).__name__}: {said}".removesuffix(": ")
    return " ".join(reason.split())[:_LINE]


def _exported(module: types.ModuleType) -> list[str] | None:
    names = vars(module).get("__all__", _MISSING)
    if names is _MISSING:
        names = ask(lambda: module.__all__)
    if not (is_a(names, list) or is_a(names, tuple)):
        return None
    known = [str(one) for one in list(names)[:_MAX_NAMES] if is_a(one, str)]
    return known or None


def _attribute(module: types.ModuleType, name: str) -> object:
    found = vars(module).get(name, _MISSING)
    if found is not _MISSING:
        return found
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        answer = ask(lambda: (getattr(module, name),))
    return _MISSING if answer is None else answer[0]


def _is_within(module: str, library: str) -> bool:
    return module == library or module.startswith(f"{library}.")


def _is_private(module: str) -> bool:
    return any(part.startswith("_") for part in module.split("."))
