"""A schema, compiled once, that says what is wrong with values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.errors import AmphisError
from amphis._internal.schema.compile import compile_document
from amphis._internal.schema.document import SchemaDocument
from amphis._internal.schema.identity import TooDeepError

if TYPE_CHECKING:
    from amphis._internal.schema.failure import ValidationFailure
    from amphis._internal.schema.keywords import Schema

MAX_DEPTH: Final = 128


class Validator:
    """Checks values against one schema; made by `compile_schema`, safe to share between threads.

    Every method raises `DEPTH_EXCEEDED` for a value that goes deeper than `max_depth` levels.
    """

    __slots__ = ("_max_depth", "_name", "_node", "schema")

    def __init__(self, schema: Schema, *, name: str, max_depth: int) -> None:
        self.schema = schema
        self._name = name
        self._max_depth = max_depth
        self._node = compile_document(SchemaDocument(schema))

    def check(self, value: object) -> bool:
        """Tell whether the value satisfies the schema."""
        try:
            return self._node.check(value, self._max_depth)
        except (TooDeepError, RecursionError):
            raise self._too_deep() from None

    def failures(self, value: object) -> list[ValidationFailure]:
        """Every failure of the value, in the order of the schema; empty when it satisfies it."""
        found: list[ValidationFailure] = []
        try:
            self._node.fail(value, "$", self._max_depth, found)
        except (TooDeepError, RecursionError):
            raise self._too_deep() from None
        return list(dict.fromkeys(found))

    def validate(self, value: object) -> None:
        """Return if the value satisfies the schema.

        Raises:
            AmphisError: VALIDATION_FAILED with every failure
        """
        if self.check(value):
            return
        failures = self.failures(value)
        more = f" (and {len(failures) - 1} more)" if len(failures) > 1 else ""
        raise AmphisError(
            ErrorCode.VALIDATION_FAILED,
            f"Cannot accept value of {self._name}: {failures[0].message}{more}",
            {"schema": self._name, "failures": [one._asdict() for one in failures]},
        )

    def _too_deep(self) -> AmphisError:
        return AmphisError(
            ErrorCode.DEPTH_EXCEEDED,
            f"Cannot validate value: it is nested deeper than {self._max_depth} levels",
            {"limit": self._max_depth},
        )


def compile_schema(
    schema: Schema, *, name: str | None = None, max_depth: int = MAX_DEPTH
) -> Validator:
    """Compile a schema; do it once and keep the validator.

    Args:
        schema: JSON Schema with `x-amphis`, as in spec/schema.md; do not change it afterwards
        name: what errors call it; by default its `$id` or `title`
        max_depth: levels of a value that are followed

    Raises:
        AmphisError: SCHEMA_INVALID with the JSON Pointer of what is wrong
    """
    return Validator(schema, name=name or _own_name(schema), max_depth=max_depth)


def _own_name(schema: Schema) -> str:
    if not isinstance(schema, bool) and hasattr(schema, "get"):
        for keyword in ("$id", "title"):
            name = schema.get(keyword)
            if isinstance(name, str) and name:
                return name
    return "schema"
