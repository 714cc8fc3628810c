"""A model with each type and parameter once, and their numbers where it has them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

Node = dict[str, Any]

# What is larger is refused by who reads the model.
_MOST_PARTS = 2_000


@dataclass(slots=True)
class _Table:
    entries: list[Node] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    _numbers: dict[str, int] = field(default_factory=dict)

    def number(self, entry: Node, size: int) -> int:
        key = json.dumps(entry, separators=(",", ":"))
        known = self._numbers.get(key)
        if known is None:
            known = self._numbers[key] = len(self.entries)
            self.entries.append(entry)
            self.sizes.append(size)
        return known


class Packer:
    """Packs one model; it is used up."""

    def __init__(self) -> None:
        self._types = _Table()
        self._parameters = _Table()
        self._variables = _Table()

    def pack(self, model: Node) -> Node:
        """The model with tables; what was given holds numbers now."""
        for module in model["modules"]:
            self._members(module["members"])
        self._members(model["hidden"])
        return {
            **model,
            "types": self._types.entries,
            "parameters": self._parameters.entries,
            "typeParameters": self._variables.entries,
        }

    def _members(self, members: list[Node]) -> None:
        for member in members:
            kind = member["kind"]
            if kind == "function":
                self._signatures(member, "signatures")
            elif kind == "class":
                self._signatures(member, "constructors")
                member["bases"] = [self._type(one) for one in member["bases"]]
                self._type_parameters(member)
                self._members(member["members"])
            elif kind == "type":
                self._type_parameters(member)
                member["target"] = self._type(member["target"])
            elif "type" in member:
                member["type"] = self._type(member["type"])

    def _signatures(self, member: Node, key: str) -> None:
        runtime = member.get("runtime")
        for signature in [*member[key], *([runtime] if runtime is not None else [])]:
            if "returns" in signature:
                signature["returns"] = self._type(signature["returns"])
            parameters = [self._parameter(one) for one in signature["parameters"]]
            signature["parameters"] = parameters
            self._type_parameters(signature)

    def _parameter(self, parameter: Node) -> int:
        if "type" not in parameter:
            return self._parameters.number(parameter, 1)
        return self._parameters.number({**parameter, "type": self._type(parameter["type"])}, 1)

    def _type_parameters(self, holder: Node) -> None:
        if "typeParameters" in holder:
            numbers = [self._type_parameter(one) for one in holder["typeParameters"]]
            holder["typeParameters"] = numbers

    def _type_parameter(self, parameter: Node) -> int:
        packed = dict(parameter)
        for key in ("bound", "default"):
            if key in packed:
                packed[key] = self._type(packed[key])
        if "constraints" in packed:
            packed["constraints"] = [self._type(one) for one in packed["constraints"]]
        return self._variables.number(packed, 1)

    def _type(self, node: Node) -> int:
        packed = dict(node)
        size = 1
        for key in ("arguments", "of", "parameters"):
            if isinstance(packed.get(key), list):
                packed[key] = [self._type(one) for one in packed[key]]
                size += sum(self._types.sizes[one] for one in packed[key])
        for key in ("rest", "returns", "of"):
            if isinstance(packed.get(key), dict):
                packed[key] = self._type(packed[key])
                size += self._types.sizes[packed[key]]
        if size > _MOST_PARTS:
            return self._types.number({"kind": "unknown", "text": "a type of too many parts"}, 1)
        return self._types.number(packed, size)
