"""The model of one library, of everything that is known about it."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
import types
from collections.abc import Callable, Mapping
from typing import Any

from amphis._internal.library.classes import ClassDescriber
from amphis._internal.library.describe import Describer, Member, is_called, is_hidden_kind
from amphis._internal.library.files import distributions_of
from amphis._internal.library.runtime.annotations import path_of
from amphis._internal.library.runtime.ask import ask, is_a, text_of
from amphis._internal.library.static.find import Finder, find_typeshed
from amphis._internal.library.static.members import StaticDescriber
from amphis._internal.library.static.scope import Functions
from amphis._internal.library.static.sources import Definition, Sources
from amphis._internal.library.static.types import TypeReader, canonical, class_of
from amphis._internal.library.surface import PublicModule, Surface

FORMAT = 1
_MAX_HIDDEN = 3_000

Model = dict[str, Any]


class LibraryMissing(Exception):  # noqa: N818 - it is what is missing
    """There is no such library."""


def describe_library(
    name: str, skipped: Mapping[str, str], typeshed: str | None, announce: Callable[[str], None]
) -> Model:
    """The public surface of a library.

    Raises:
        LibraryMissing: neither Python nor a stub knows it
    """
    folders = [folder or os.getcwd() for folder in sys.path]  # noqa: PTH109 - as Python says it
    sources = Sources(Finder(folders, typeshed or find_typeshed(folders)))
    surface = Surface(name, sources, announce, skipped)
    surface.walk()
    if name not in surface.modules or _is_missing(surface.modules[name], sources):
        raise LibraryMissing(name)
    return _Library(surface, TypeReader(sources)).describe()


def _is_missing(found: PublicModule, sources: Sources) -> bool:
    is_unknown = (found.failure or "").startswith("ModuleNotFoundError")
    return is_unknown and next(sources.scopes(found.path), None) is None


class _Library:
    def __init__(self, surface: Surface, reader: TypeReader) -> None:
        self._surface = surface
        self._reader = reader
        self._describer = Describer(surface, reader)
        self._classes = ClassDescriber(self._describer)
        self._static = StaticDescriber(self._describer)
        # The public path of what is defined elsewhere.
        self._public: dict[str, str] = {}

    def describe(self) -> Model:
        self._learn_paths()
        modules = []
        for found in self._surface.modules.values():
            if self._is_nothing(found):
                continue
            self._surface.announce(found.path)
            modules.append(self._module(found))
        hidden = self._hidden()
        self._learn_foreign_paths()
        distribution, version = distribution_of(self._surface.library)
        model: Model = {
            "format": FORMAT,
            "name": self._surface.library,
            "version": version,
            "distribution": distribution,
            "python": platform.python_version(),
            "modules": modules,
            "hidden": hidden,
        }
        _rename(model, self._public)
        return {key: value for key, value in model.items() if value is not None}

    def _is_nothing(self, found: PublicModule) -> bool:
        """Whether a file only looks like a module: a shared library, perhaps, of another kind."""
        is_known = found.module is not None or found.path in self._surface.skipped
        return not is_known and next(self._reader.sources.scopes(found.path), None) is None

    def _learn_paths(self) -> None:
        """Where users find what annotations name by the place of its definition."""
        sources = self._reader.sources
        for module in self._surface.modules.values():
            for name, thing in module.names.items():
                path = self._surface.paths.get(id(thing), f"{module.path}.{name}")
                if path.startswith("builtins."):
                    continue
                found = sources.find(module.path, name)
                if found is not None and found.binding is not None:
                    self._public.setdefault(canonical(found.path), path)
                if is_a(thing, type):
                    self._public.setdefault(path_of(thing), path)
        self._public = {key: path for key, path in self._public.items() if key != path}

    def _learn_foreign_paths(self) -> None:
        """Where users find the classes of other libraries that annotations name."""
        own = self._surface.library.partition(".")[0]
        for found in self._reader.named.values():
            top = found.scope.module.partition(".")[0]
            if top == own or top in sys.stdlib_module_names or "." in found.qualname:
                continue
            package = _outermost(found.scope.module, found.qualname)
            if package is not None and package != found.scope.module:
                self._public.setdefault(canonical(found.path), f"{package}.{found.qualname}")

    def _module(self, found: PublicModule) -> Model:
        module: Model = {"path": found.path}
        if found.failure is not None:
            module["failure"] = found.failure
        if found.module is None:
            scope = next(self._reader.sources.scopes(found.path), None)
            module["members"] = [] if scope is None else self._static.members(scope)
            if scope is not None and scope.doc:
                self._describer.say(module, types.SimpleNamespace(__doc__=scope.doc), None)
            return module
        text = vars(found.module).get("__doc__")
        self._describer.say(module, types.SimpleNamespace(__doc__=text), None)
        targets = {name: self._surface.target(link) for name, link in found.links.items()}
        links = [
            {"kind": "module", "name": name, "target": target}
            for name, target in targets.items()
            if target is not None
        ]
        described = [self._described(found, name, thing) for name, thing in found.names.items()]
        module["members"] = [*(one for one in described if one is not None), *links]
        return module

    def _described(self, module: PublicModule, name: str, thing: object) -> Member | None:
        """A member; of what answers no question, that it is there."""
        if is_hidden_kind(thing):
            return None
        nothing: Member = {"kind": "value", "name": name, "path": f"{module.path}.{name}"}
        return ask(lambda: self._member(module, name, thing)) or nothing

    def _member(self, module: PublicModule, name: str, thing: object) -> Member:
        path = f"{module.path}.{name}"
        is_class = issubclass(type(thing), type)
        target = self._surface.paths.get(id(thing)) if is_class or is_called(thing) else None
        if target is not None and target != path:
            return {"kind": "alias", "name": name, "target": target}
        found = self._reader.sources.find(module.path, name)
        if is_class:
            return self._classes.describe(thing, name, path, found)  # type: ignore[arg-type] # it is a class
        if is_called(thing):
            return self._describer.function(
                thing, name, path, self._of_function(thing, found), None
            )
        return self._describer.value(thing, name, path, found)

    def _of_function(self, thing: object, found: Definition | None) -> Definition | None:
        if found is not None and found.binding is not None and class_of(found) is None:
            return found
        module, name = text_of(thing, "__module__"), text_of(thing, "__qualname__")
        if module is None or name is None or "<" in name:
            return None
        other = self._reader.sources.find(module, name)
        return other if other is not None and isinstance(other.binding, Functions) else None

    def _hidden(self) -> list[Member]:
        """What was named on the way, and what that names in turn."""
        hidden: list[Member] = []
        done: set[str] = set()
        while len(hidden) < _MAX_HIDDEN:
            named = [one for path, one in self._reader.named.items() if path not in done]
            if not named:
                break
            for found in named:
                done.add(found.path)
                member = self._hidden_member(found)
                if member is not None:
                    hidden.append(member)
        return hidden

    def _hidden_member(self, found: Definition) -> Member | None:
        path = canonical(found.path)
        name = found.qualname.rpartition(".")[2]
        if path in self._public or path != found.path:
            return None
        if found.scope.module in self._surface.modules and not name.startswith("_"):
            return None
        if class_of(found) is None:
            is_alias = not isinstance(found.binding, Functions) and found.binding is not None
            return self._describer.type_alias(found, name, path) if is_alias else None
        is_private = any(part.startswith("_") for part in path.split("."))
        own = self._surface.library.partition(".")[0]
        is_own = path.partition(".")[0] == own
        return self._static.describe_class(found, name, path) if is_private or is_own else None


def _outermost(module: str, name: str) -> str | None:
    """The first package on the way to a module that has the same class; asks what is loaded."""
    thing = _bound(module, name)
    if not is_a(thing, type):
        return None
    parts = module.split(".")
    packages = (".".join(parts[:end]) for end in range(1, len(parts) + 1))
    return next((package for package in packages if _bound(package, name) is thing), None)


def _bound(module: str, name: str) -> object:
    """What a loaded module has by a name, without asking it."""
    loaded = sys.modules.get(module)
    return vars(loaded).get(name) if is_a(loaded, types.ModuleType) else None


def _rename(thing: Any, public: dict[str, str]) -> None:  # noqa: ANN401 - any part of a model
    """Have types name things as users do."""
    waiting = [thing]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting.extend(part for part in one if isinstance(part, dict | list))
            continue
        if one.get("kind") == "name":
            one["path"] = public.get(one["path"], one["path"])
        waiting.extend(
            part for key, part in one.items() if key != "doc" and isinstance(part, dict | list)
        )


def distribution_of(library: str) -> tuple[str | None, str | None]:
    """The distribution that a library is from, and its version; Python's own has only a version."""
    top = library.partition(".")[0]
    if top in sys.stdlib_module_names:
        return None, platform.python_version()
    for name in distributions_of(top):
        version = ask(lambda name=name: importlib.metadata.version(name))  # type: ignore[misc]
        if isinstance(version, str):
            return name, version
    said = text_of(sys.modules.get(top), "__version__")
    return None, said
