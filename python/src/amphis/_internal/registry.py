"""Contracts of payloads by name and version, and who handles them."""

from __future__ import annotations

import json
import threading
from bisect import bisect_left, insort
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.codec.codec import DEFAULT_MAX_DEPTH, Bytes, Codec
from amphis._internal.codec.compact.codec import compact_for
from amphis._internal.errors import AmphisError
from amphis._internal.message.check import MAX_VERSION, is_name
from amphis._internal.message.message import Message
from amphis._internal.schema.compatibility import incompatibilities
from amphis._internal.schema.keywords import Schema, as_map
from amphis._internal.schema.show import quote, show
from amphis._internal.schema.validator import Validator, compile_schema

Handler = Callable[[Any, Message[Any]], Any]

# Comparing names takes time that grows with both lengths, and a peer chooses one of them.
_MAX_COMPARED: Final = 64


@dataclass(frozen=True, slots=True)
class Contract:
    """One version of a schema, compiled.

    Attributes:
        codec: its compact layout; reads what other versions of the contract wrote, too
    """

    name: str
    version: int
    schema: Schema
    validator: Validator
    codec: Codec


class SchemaRegistry:
    """Contracts by name and version, looked up in constant time.

    Versions of one name must be able to talk: a program that knows version 1 reads what one with
    version 2 writes, and the reverse. `register` refuses a version that breaks this.
    """

    def __init__(self, *, max_depth: int = DEFAULT_MAX_DEPTH) -> None:
        self._max_depth = max_depth
        self._contracts: dict[tuple[str, int], Contract] = {}
        self._versions: dict[str, list[int]] = {}
        self._handlers: dict[str, Handler] = {}
        self._lock = threading.Lock()

    def register(self, name: str, version: int, schema: Schema) -> Contract:
        """Compile a schema and keep it; the same schema again is fine.

        Raises:
            AmphisError: SCHEMA_INVALID; SCHEMA_CONFLICT for another schema under this name and
                version; SCHEMA_INCOMPATIBLE with the reasons, when a version beside it breaks
            ValueError: a name or version that no message can hold
        """
        _check_key(name, version)
        contract = self._compile(name, version, deepcopy(schema))
        with self._lock:
            known = self._contracts.get((name, version))
            if known is None:
                self._check_neighbours(contract)
                self._contracts[name, version] = contract
                insort(self._versions.setdefault(name, []), version)
                return contract
        if _print_of(known.schema) != _print_of(schema):
            raise AmphisError(
                ErrorCode.SCHEMA_CONFLICT,
                f"Cannot register {quote(name)} version {version}: another schema has this version",
                {"schema": name, "version": version},
            )
        return known

    def get(self, name: str, version: int) -> Contract:
        """The contract of exactly this version.

        Raises:
            AmphisError: SCHEMA_UNKNOWN with names or versions that are near
        """
        contract = self._contracts.get((name, version))
        if contract is None:
            raise self._unknown(name, version)
        return contract

    def latest(self, name: str) -> Contract:
        """The contract of the highest version.

        Raises:
            AmphisError: SCHEMA_UNKNOWN with names that are near
        """
        versions = self._versions.get(name)
        if not versions:
            raise self._unknown(name, 1)
        return self._contracts[name, versions[-1]]

    def nearest(self, name: str, version: int) -> Contract | None:
        """The contract to read this version with: itself, else the next older, else newer one."""
        exact = self._contracts.get((name, version))
        if exact is not None:
            return exact
        versions = self._versions.get(name)
        if not versions:
            return None
        return self._contracts[name, versions[max(0, bisect_left(versions, version) - 1)]]

    def payload_codec(self, schema: str, version: int) -> Codec | None:
        """The compact layout of a contract; see `PayloadContracts`."""
        contract = self.nearest(schema, version)
        return None if contract is None else contract.codec

    def encode_payload(self, name: str, version: int, payload: object) -> bytes:
        """Check a payload and encode it in its compact layout.

        Raises:
            AmphisError: SCHEMA_UNKNOWN, VALIDATION_FAILED, and what the codec raises
        """
        contract = self.get(name, version)
        contract.validator.validate(payload)
        return contract.codec.encode(payload)

    def decode_payload(self, name: str, version: int, data: Bytes) -> object:
        """Decode a payload from its compact layout, of a neighbouring version too, and check it.

        Raises:
            AmphisError: SCHEMA_UNKNOWN, VALIDATION_FAILED, and what the codec raises
        """
        contract = self._nearest_or_raise(name, version)
        payload = contract.codec.decode(data)
        contract.validator.validate(payload)
        return payload

    def handle(self, name: str, handler: Handler) -> None:
        """Let a function answer messages of a contract: `handler(payload, message)`.

        Raises:
            AmphisError: SCHEMA_UNKNOWN when the name is not registered
            ValueError: when the contract has a handler already
        """
        self.latest(name)
        if name in self._handlers:
            raise ValueError(f"Cannot handle {quote(name)}: it has a handler already")
        self._handlers[name] = handler

    def dispatch(self, message: Message[Any]) -> Any:  # noqa: ANN401 - whatever the handler returns
        """Check the payload of a message and hand it to the handler; return what that returns.

        What a newer version added at the top level is dropped where this version is closed.

        Raises:
            AmphisError: SCHEMA_UNKNOWN, HANDLER_MISSING, VALIDATION_FAILED
        """
        name, version = message.schema, message.version
        if name is None:
            raise _handler_missing("", version)
        contract = self._nearest_or_raise(name, version)
        handler = self._handlers.get(name)
        if handler is None:
            raise _handler_missing(name, version)
        payload = message.payload
        if version > contract.version:
            payload = _known_part(payload, contract.schema)
        contract.validator.validate(payload)
        return handler(payload, message)

    def _compile(self, name: str, version: int, schema: Schema) -> Contract:
        validator = compile_schema(
            schema, name=f"{name} version {version}", max_depth=self._max_depth
        )
        codec = compact_for(schema, evolve=True, max_depth=self._max_depth)
        return Contract(name, version, schema, validator, codec)

    def _check_neighbours(self, contract: Contract) -> None:
        versions = self._versions.get(contract.name, [])
        at = bisect_left(versions, contract.version)
        reasons: list[str] = []
        if at > 0:
            older = self._contracts[contract.name, versions[at - 1]]
            reasons += incompatibilities(older.schema, contract.schema)
        if at < len(versions):
            newer = self._contracts[contract.name, versions[at]]
            reasons += incompatibilities(contract.schema, newer.schema)
        if reasons:
            raise AmphisError(
                ErrorCode.SCHEMA_INCOMPATIBLE,
                f"Cannot register {quote(contract.name)} version {contract.version}: "
                f"{'; '.join(reasons)}",
                {"schema": contract.name, "version": contract.version, "reasons": reasons},
            )

    def _nearest_or_raise(self, name: str, version: int) -> Contract:
        contract = self.nearest(name, version)
        if contract is None:
            raise self._unknown(name, version)
        return contract

    def _unknown(self, name: str, version: int) -> AmphisError:
        versions = self._versions.get(name)
        near = (
            [f"{name} version {known}" for known in versions]
            if versions
            else get_close_matches(name, self._versions)
            if len(name) <= _MAX_COMPARED
            else []
        )
        hint = f", did you mean {' or '.join(map(quote, near))}" if near else ""
        return AmphisError(
            ErrorCode.SCHEMA_UNKNOWN,
            f"Cannot find schema {quote(name)} version {version}: it is not registered{hint}",
            {"schema": name, "version": version, "known": near},
        )


def _check_key(name: object, version: object) -> None:
    if not isinstance(name, str) or not name or not is_name(name):
        raise ValueError(f"Cannot register schema: its name cannot be {show(name)}")
    if not isinstance(version, int) or isinstance(version, bool) or not 1 <= version <= MAX_VERSION:
        raise ValueError(f"Cannot register {quote(name)}: its version cannot be {show(version)}")


def _handler_missing(name: str, version: int) -> AmphisError:
    subject = f"{quote(name)} version {version}" if name else "a message without schema"
    return AmphisError(
        ErrorCode.HANDLER_MISSING,
        f"Cannot dispatch {subject}: no handler is registered for it",
        {"schema": name, "version": version},
    )


def _known_part(payload: object, schema: Schema) -> object:
    if isinstance(schema, bool) or schema.get("additionalProperties") is not False:
        return payload
    properties = as_map(schema.get("properties"))
    if not isinstance(payload, dict) or "patternProperties" in schema:
        return payload
    return {name: item for name, item in payload.items() if name in properties}


def _print_of(schema: Schema) -> str:
    # The order of properties is part of the layout, so it counts.
    plain = dict(schema) if isinstance(schema, Mapping) else schema
    return json.dumps(plain, default=repr)
