"""Classes of a library as members of its model: what vars() says, never an instance."""

from __future__ import annotations

import enum
import functools
import inspect
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from amphis._internal.library.describe import (
    Describer,
    Member,
    is_called,
    is_hidden_kind,
    type_of_value,
)
from amphis._internal.library.join import join_signatures
from amphis._internal.library.runtime.annotations import RuntimeTypes, path_of
from amphis._internal.library.runtime.ask import ask, is_a, text_of
from amphis._internal.library.runtime.signature import runtime_signature
from amphis._internal.library.static.scope import Assigned, ClassScope, Functions, decorator_name
from amphis._internal.library.static.signature import (
    class_variables,
    static_signatures,
    variables_of_class,
)
from amphis._internal.library.static.sources import Definition
from amphis._internal.library.static.types import Node, class_of

# Special methods that calls from TypeScript go through.
_SPECIAL = frozenset(
    f"__{name}__"
    for name in [
        "call",
        "iter",
        "aiter",
        "next",
        "anext",
        "len",
        "getitem",
        "setitem",
        "delitem",
        "contains",
        "enter",
        "exit",
        "aenter",
        "aexit",
        "await",
        "bool",
    ]
)
_SLOTS = (types.GetSetDescriptorType, types.MemberDescriptorType)
_MAX_DEPTH = 8
_MAX_MEMBERS = 200_000


@dataclass(slots=True)
class ClassDescriber:
    """Describes classes with a describer of everything else."""

    describer: Describer

    def describe(
        self, kind: type, name: str, path: str, found: Definition | None, depth: int = 0
    ) -> Member:
        """One class, its own members and those of bases that are not public."""
        if class_of(found) is None:
            found = self._definition(kind)
        member: Member = {"kind": "class", "name": name, "path": path}
        member["bases"] = list(self._bases(kind, found))
        self._add_variables(member, found)
        self._add_constructors(member, kind, found)
        nature = nature_of(kind)
        if nature is not None:
            member["nature"] = nature
        if ask(lambda: inspect.isabstract(kind)):
            member["isAbstract"] = True
        members = dict(self._members(kind, path, found, depth))
        if found is not None:
            members.update(self._annotated(kind, path, found, set(members)))
        member["members"] = list(members.values())
        self._say(member, kind, found)
        return member

    def _say(self, member: Member, kind: type, found: Definition | None) -> None:
        own = vars(kind)
        # What a base says of itself is not said of this class.
        texts = {key: own.get(key) for key in ("__doc__", "__deprecated__")}
        self.describer.say(member, types.SimpleNamespace(**texts), found)
        init = own.get("__init__")
        doc: dict[str, Any] = member.get("doc") or {}
        if is_a(init, types.FunctionType) and "parameters" not in doc:
            inner: Member = {}
            self.describer.say(inner, init, None)
            of_init: dict[str, Any] = inner.get("doc") or {}
            more = {key: of_init[key] for key in ("parameters", "raises") if key in of_init}
            if more:
                member["doc"] = {**doc, **more}

    def _definition(self, kind: type) -> Definition | None:
        module, name = text_of(kind, "__module__"), text_of(kind, "__qualname__")
        if module is None or name is None or "<" in name:
            return None
        found = self.describer.reader.sources.find(module, name)
        return found if class_of(found) is not None else None

    def _bases(self, kind: type, found: Definition | None, depth: int = 0) -> Iterator[Node]:
        written = self._written_bases(found)
        for base in kind.__bases__:
            name = base.__name__
            if base is object or path_of(base) in ("typing.Generic", "typing.Protocol"):
                continue
            if self._is_private(base) and depth < _MAX_DEPTH:
                yield from self._bases(base, self._definition(base), depth + 1)
            elif name in written:
                yield written[name]
            else:
                yield {"kind": "name", "path": path_of(base)}

    def _written_bases(self, found: Definition | None) -> dict[str, Node]:
        scope = class_of(found)
        if scope is None or found is None:
            return {}
        reader = self.describer.reader
        reader.variables = {}
        at = Definition(found.scope, found.qualname, None, found.classes).with_own(scope.node)
        nodes = [reader.read(one, at) for one in scope.node.bases]
        return {one["path"].rpartition(".")[2]: one for one in nodes if one["kind"] == "name"}

    def _is_private(self, kind: type) -> bool:
        if self.describer.surface.is_public(kind):
            return False
        path = path_of(kind)
        library = self.describer.surface.library.partition(".")[0]
        is_here = path.partition(".")[0] in (library, f"_{library}")
        return is_here or any(part.startswith("_") for part in path.split("."))

    def _add_variables(self, member: Member, found: Definition | None) -> None:
        if found is None or class_of(found) is None:
            return
        reader = self.describer.reader
        variables = variables_of_class(reader, found)
        if variables:
            member["typeParameters"] = reader.parameters(variables)

    def _add_constructors(self, member: Member, kind: type, found: Definition | None) -> None:
        reader = self.describer.reader
        at = found or self.describer.module_of(kind)
        types_here = RuntimeTypes(reader, at)
        runtime = runtime_signature(kind, types_here, bound=False)
        written: list[dict[str, Any]] = []
        made = None if found is None else self._constructor(found)
        if made is not None:
            written = static_signatures(reader, made)
            for one in written:
                # What `__init__` returns is nothing, and what the class makes is known.
                one.pop("returns", None)
            if made.qualname.endswith("__new__"):
                _add_result(written, reader, made)
        constructors, differing = join_signatures(written, runtime, None)
        member["constructors"] = constructors
        if differing is not None:
            member["runtime"] = differing

    def _constructor(self, found: Definition, steps: int = 0) -> Definition | None:
        """`__init__` or `__new__`, of whichever class in the bases has one first."""
        scope = class_of(found)
        if scope is None or steps > 20 or found.path == "builtins.object":
            return None
        for name in ("__init__", "__new__"):
            binding = scope.names.get(name)
            if isinstance(binding, Functions):
                classes = (*found.classes, scope)
                return Definition(found.scope, f"{found.qualname}.{name}", binding, classes)
        for base in scope.node.bases:
            node = getattr(base, "value", base) if type(base).__name__ == "Subscript" else base
            other = self.describer.reader.sources.find_expression(found, node)
            made = None if other is None else self._constructor(other, steps + 1)
            if made is not None:
                return made
        return None

    def _members(
        self, kind: type, path: str, found: Definition | None, depth: int
    ) -> Iterator[tuple[str, Member]]:
        seen: set[str] = set()
        for owner in self._owners(kind):
            own = found if owner is kind else self._definition(owner)
            for name, raw in list(vars(owner).items())[:_MAX_MEMBERS]:
                if name in seen or not _is_public(name):
                    continue
                seen.add(name)
                static = None if own is None else self.describer.static_member(own, name)
                if static is None and found is not None and own is not found:
                    static = self.describer.static_member(found, name)
                described = self._member(kind, raw, name, f"{path}.{name}", static, depth)
                if described is not None:
                    yield name, described

    def _owners(self, kind: type) -> list[type]:
        """The class, and those of its bases that have no public name."""
        bases = [base for base in kind.__mro__[1:] if base is not object]
        return [kind, *(base for base in bases if self._is_private(base))]

    def _member(  # noqa: C901, PLR0911, PLR0913, PLR0917 - one branch for each kind
        self,
        kind: type,
        raw: object,
        name: str,
        path: str,
        found: Definition | None,
        depth: int,
    ) -> Member | None:
        function = self.describer.function
        if type(raw) is staticmethod:
            return function(raw.__func__, name, path, found, "static")
        if type(raw) is classmethod:
            return function(raw.__func__, name, path, found, "class")
        if issubclass(type(raw), type):
            return self._inner_class(kind, raw, name, path, found, depth)  # type: ignore[arg-type] # it is a class
        if issubclass(type(raw), property | functools.cached_property):
            return self._property(raw, name, path, found)
        if issubclass(type(raw), _SLOTS):
            return self._slot(raw, name, path, found)
        if raw is None or is_hidden_kind(raw):
            return None if name.startswith("__") else self._attribute(raw, name, path, found)
        if type(raw) is types.BuiltinFunctionType:
            return function(raw, name, path, found, "static")
        if type(raw) is types.ClassMethodDescriptorType:
            bound = function(ask(lambda: getattr(kind, name)), name, path, found, None)
            return {**bound, "binding": "class"}
        if issubclass(type(raw), enum.Enum) and nature_of(kind) == "enum":
            return self._attribute(raw, name, path, None)
        wrapped = _wrapped(raw)
        if wrapped is not None:
            return function(wrapped, name, path, found, "instance")
        if is_called(raw):
            # Only what Python binds is given the instance.
            binding = "instance" if hasattr(type(raw), "__get__") else "static"
            return function(raw, name, path, found, binding)
        return self._attribute(raw, name, path, found)

    def _inner_class(  # noqa: PLR0913, PLR0917 - as of a member
        self,
        kind: type,
        raw: type,
        name: str,
        path: str,
        found: Definition | None,
        depth: int,
    ) -> Member | None:
        own = text_of(raw, "__qualname__") or ""
        if own.startswith(f"{kind.__qualname__}.") and depth < _MAX_DEPTH:
            return self.describe(raw, name, path, found, depth + 1)
        target = self.describer.surface.paths.get(id(raw))
        return {"kind": "alias", "name": name, "target": target or path_of(raw)}

    def _property(self, raw: Any, name: str, path: str, found: Definition | None) -> Member:  # noqa: ANN401 - a property of any kind
        getter = raw.fget if isinstance(raw, property) else raw.func
        is_readonly = not isinstance(raw, property) or raw.fset is None
        member: Member = {"kind": "property", "name": name, "path": path}
        kind = self._type_of(found)
        if kind is None and getter is not None:
            types_here = RuntimeTypes(self.describer.reader, self.describer.module_of(getter))
            signature = runtime_signature(getter, types_here, bound=True)
            kind = None if signature is None else signature.get("returns")
        if kind is not None:
            member["type"] = kind
        member["isReadonly"] = is_readonly
        member["isStatic"] = False
        self.describer.say(member, raw, None if found is None else found)
        return member

    def _slot(self, raw: object, name: str, path: str, found: Definition | None) -> Member:
        member: Member = {"kind": "property", "name": name, "path": path}
        kind = self._type_of(found)
        if kind is not None:
            member["type"] = kind
        member["isReadonly"] = _is_written_readonly(found)
        member["isStatic"] = False
        self.describer.say(member, raw, None)
        return member

    def _attribute(self, raw: object, name: str, path: str, found: Definition | None) -> Member:
        has_get = hasattr(type(raw), "__get__")
        member: Member = {"kind": "property", "name": name, "path": path}
        kind = self._type_of(found)
        if kind is None and not has_get and raw is not None:
            kind = type_of_value(raw)
        if kind is not None:
            member["type"] = kind
        member["isReadonly"] = False
        # A descriptor answers as it likes, and may do so for instances only.
        member["isStatic"] = not has_get
        if has_get:
            self.describer.say(member, raw, None)
        return member

    def _type_of(self, found: Definition | None) -> Node | None:
        if found is None:
            return None
        reader = self.describer.reader
        reader.variables = {}
        binding = found.binding
        if isinstance(binding, Functions):
            node = binding.nodes[0]
            return None if node.returns is None else reader.read(node.returns, found.with_own(node))
        if isinstance(binding, Assigned) and binding.annotation is not None:
            return reader.read(binding.annotation, found)
        return None

    def _annotated(
        self, kind: type, path: str, found: Definition, seen: set[str]
    ) -> Iterator[tuple[str, Member]]:
        """Attributes that only an annotation in the class tells of."""
        scope = class_of(found)
        if scope is None or nature_of(kind) == "enum":
            return
        classes = (*found.classes, scope)
        for name, binding in scope.names.items():
            if name in seen or not _is_public(name) or not isinstance(binding, Assigned):
                continue
            if binding.annotation is None:
                continue
            at = Definition(found.scope, f"{found.qualname}.{name}", binding, classes)
            member: Member = {"kind": "property", "name": name, "path": f"{path}.{name}"}
            node = self._type_of(at)
            if node is not None:
                member["type"] = node
            wrapper = decorator_name(getattr(binding.annotation, "value", binding.annotation))
            member["isReadonly"] = wrapper.endswith("Final")
            member["isStatic"] = wrapper.endswith("ClassVar")
            yield name, member


def nature_of(kind: type) -> str | None:
    """What kind of class it is, where that says how it is used."""
    own = vars(kind)
    natures = {
        "enum": issubclass(type(kind), enum.EnumMeta),
        "exception": issubclass(kind, BaseException),
        "dataclass": "__dataclass_fields__" in own,
        "protocol": own.get("_is_protocol") is True,
        "typed-dict": ask(lambda: typing.is_typeddict(kind)) is True,
        "named-tuple": issubclass(kind, tuple) and isinstance(own.get("_fields"), tuple),
    }
    return next((nature for nature, holds in natures.items() if holds), None)


def _is_public(name: str) -> bool:
    return name in _SPECIAL or not name.startswith("_")


def _wrapped(raw: object) -> object:
    """The function behind a descriptor of a library, which must not be asked itself."""
    if not hasattr(type(raw), "__get__") or is_a(raw, types.FunctionType):
        return None
    own = ask(lambda: object.__getattribute__(raw, "__dict__"))
    inner = own.get("__wrapped__") if isinstance(own, dict) else None
    if is_a(raw, functools.partialmethod):
        inner = raw.func
    if is_a(raw, functools.singledispatchmethod):
        inner = raw.func
    return inner if is_a(inner, types.FunctionType) else None


def _is_written_readonly(found: Definition | None) -> bool:
    binding = None if found is None else found.binding
    if not isinstance(binding, Functions):
        return False
    return not any(
        decorator_name(one).endswith(".setter")
        for node in binding.nodes
        for one in node.decorator_list
    )


def _add_result(written: list[dict[str, Any]], reader: Any, made: Definition) -> None:  # noqa: ANN401 - as where it is used
    """What `__new__` says that it makes, where that is more than the class."""
    binding = made.binding
    if not isinstance(binding, Functions) or not isinstance(made.classes[-1], ClassScope):
        return
    of_class = class_variables(reader, made)
    overloads = [one for one in binding.nodes if len(binding.nodes) == len(written)]
    for signature, node in zip(written, overloads, strict=False):
        if node.returns is not None and of_class:
            returns = reader.read(node.returns, made.with_own(node))
            if returns.get("path") != "typing.Self":
                signature["returns"] = returns
