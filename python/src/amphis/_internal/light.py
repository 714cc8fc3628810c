# ruff: noqa: ANN001, ANN003, ANN202, ANN204, N807, PYI024 - type checkers see the standard library
"""Classes as `dataclasses` and `typing` make them, without the time that those take to load.

A worker is started for one call, perhaps. The two modules, and what they import, take as long to
load as Python takes to start, and a data class of them as long as a whole module. So what every
worker loads takes these names from here; type checkers see those of the standard library, and the
classes can do all that theirs can.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dataclasses import dataclass, field
    from typing import NamedTuple, Protocol
else:
    from collections import namedtuple as _namedtuple

    _MISSING = object()
    _PARTS = ("__dataclass_fields__", "__dataclass_params__")

    class Protocol:
        """A shape of objects, for type checkers only."""

        __slots__ = ()

    class _NamedTupleType(type):
        def __new__(cls, name, bases, body):
            if not bases:
                return super().__new__(cls, name, bases, body)
            # Of a class, as where they stand in its body differs from one Python to the next.
            fields = tuple(type(name, (), dict(body)).__annotations__)
            defaults = [body.pop(field) for field in fields if field in body]
            base = _namedtuple(name, fields, defaults=defaults, module=body["__module__"])
            made = type(name, (base,), {"__slots__": (), **body})
            made.__orig_bases__ = bases
            return made

    class NamedTuple(metaclass=_NamedTupleType):
        """As `typing.NamedTuple`."""

    class _Field:
        __slots__ = ("default", "default_factory", "init", "repr")

        def __init__(self, *, default=_MISSING, default_factory=_MISSING, init=True, repr=True):  # noqa: A002 - as its own
            self.default = default
            self.default_factory = default_factory
            self.init = init
            self.repr = repr

    field = _Field

    def dataclass(*, slots, frozen=False, kw_only=False, order=False):
        """As `dataclasses.dataclass`, always with slots."""
        if not slots:
            raise ValueError("Cannot make class: it has slots, always")

        def make(kind):
            options = {"slots": slots, "frozen": frozen, "kw_only": kw_only, "order": order}
            return _made(kind, options)

        return make

    def _made(kind, options):
        names = tuple(kind.__annotations__)
        body = dict(kind.__dict__)
        fields = {name: _field_of(body.pop(name, _MISSING)) for name in names}
        for own in ("__dict__", "__weakref__"):
            body.pop(own, None)
        body.update(
            __slots__=names,
            __qualname__=kind.__qualname__,
            __init__=_init(kind, fields, options),
            __repr__=_repr(fields),
            __match_args__=() if options["kw_only"] else _taken(fields),
            __replace__=_replace,
            **_comparing(names, options),
            **{part: _Late(part, kind, fields, options) for part in _PARTS},
        )
        if options["frozen"]:
            body.update(__setattr__=_refuse_to_assign, __delattr__=_refuse_to_delete)
            body.update(__getstate__=_state_of(names), __setstate__=_restore_to(names))
        return type(kind)(kind.__name__, kind.__bases__, body)

    def _field_of(default):
        return default if isinstance(default, _Field) else _Field(default=default)

    def _taken(fields):
        return tuple(name for name, each in fields.items() if each.init)

    def _init(kind, fields, options):
        """Written as text, as by the standard library: it is called most, and checks arguments."""
        scope = {"_set": object.__setattr__, "_MISSING": _MISSING}
        parameters, lines = ["self"], []
        if options["kw_only"]:
            parameters.append("*")
        for name, each in fields.items():
            value = name
            if not each.init:
                if each.default is _MISSING:
                    continue
                value = f"_d_{name}"
            if each.default is not _MISSING:
                scope[f"_d_{name}"] = each.default
                default = f"=_d_{name}"
            elif each.default_factory is not _MISSING:
                scope[f"_f_{name}"] = each.default_factory
                default = "=_MISSING"
                value = f"_f_{name}() if {name} is _MISSING else {name}"
            else:
                default = ""
            if each.init:
                parameters.append(f"{name}{default}")
            lines.append(
                f"_set(self,{name!r},{value})" if options["frozen"] else f"self.{name}={value}"
            )
        if hasattr(kind, "__post_init__"):
            lines.append("self.__post_init__()")
        body = "\n ".join(lines or ["pass"])
        exec(f"def __init__({','.join(parameters)}):\n {body}", scope)  # noqa: S102 - of names in this package
        made = scope["__init__"]
        made.__qualname__ = f"{kind.__qualname__}.__init__"
        made.__module__ = kind.__module__
        return made

    def _repr(fields):
        shown = tuple(name for name, each in fields.items() if each.repr)

        def __repr__(self):
            parts = ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)
            return f"{type(self).__qualname__}({parts})"

        return __repr__

    def _comparing(names, options):
        def values(one):
            return tuple([getattr(one, name) for name in names])

        def comparing(method):
            def compare(self, other):
                if other.__class__ is not self.__class__:
                    return NotImplemented
                return method(values(self), values(other))

            return compare

        methods = {"__eq__": comparing(tuple.__eq__), "__hash__": None}
        if options["frozen"]:
            methods["__hash__"] = lambda self: hash(values(self))
        if options["order"]:
            for name in ("__lt__", "__le__", "__gt__", "__ge__"):
                methods[name] = comparing(getattr(tuple, name))
        return methods

    def _refuse_to_assign(_self, name, _value):
        from dataclasses import FrozenInstanceError  # noqa: PLC0415 - see above

        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def _refuse_to_delete(_self, name):
        from dataclasses import FrozenInstanceError  # noqa: PLC0415 - see above

        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def _state_of(names):
        return lambda self: [getattr(self, name) for name in names]

    def _restore_to(names):
        def __setstate__(self, state):
            for name, value in zip(names, state):  # noqa: B905 - as many, by `__getstate__`
                object.__setattr__(self, name, value)

        return __setstate__

    def _replace(self, /, **changes):
        from dataclasses import replace  # noqa: PLC0415 - see above

        return replace(self, **changes)

    class _Late:
        """What `dataclasses` knows of its classes, made when it asks."""

        __slots__ = ("_fields", "_kind", "_options", "_part")

        def __init__(self, part, kind, fields, options):
            self._part = part
            self._kind = kind
            self._fields = fields
            self._options = options

        def __get__(self, _instance, owner):
            import dataclasses  # noqa: PLC0415 - see above

            body = {"__annotations__": dict(self._kind.__annotations__)}
            for name, each in self._fields.items():
                said = {part: getattr(each, part) for part in _Field.__slots__}
                told = {part: value for part, value in said.items() if value is not _MISSING}
                body[name] = dataclasses.field(**told)
            body["__module__"] = self._kind.__module__
            twin = dataclasses.dataclass(**self._options)(type(self._kind.__name__, (), body))
            return getattr(twin, self._part)


__all__ = ["NamedTuple", "Protocol", "dataclass", "field"]
