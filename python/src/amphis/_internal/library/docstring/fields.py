"""Docstrings with fields: `:param x:` as Sphinx writes them, `@param x:` as Epydoc does."""

from __future__ import annotations

import re
from typing import Any

Doc = dict[str, Any]

_FIELD = re.compile(r"^\s*[:@]([A-Za-z]+)((?:\s+[^:]*?)?):(?:\s+(.*))?$")
_PARAMETER = {"param", "parameter", "arg", "argument", "key", "keyword", "kwarg"}
_RAISE = {"raise", "raises", "except", "exception"}
_KNOWN = _PARAMETER | _RAISE | {
    "type", "return", "returns", "rtype", "yield", "yields", "deprecated",
    "ivar", "cvar", "var", "vartype", "ytype", "note", "see", "since", "version", "author",
}  # fmt: skip


def has_fields(lines: list[str]) -> bool:
    """Whether any line is a field that is known."""
    return any(_known(line) is not None for line in lines)


def read_fields(lines: list[str], doc: Doc) -> list[str]:
    """Take the fields into a doc; what is left is free text."""
    rest: list[str] = []
    types: dict[str, str] = {}
    at = 0
    while at < len(lines):
        match = _known(lines[at])
        if match is None:
            rest.append(lines[at])
            at += 1
            continue
        margin = len(lines[at]) - len(lines[at].lstrip(" "))
        end = at + 1
        while end < len(lines) and _continues(lines[end], margin):
            end += 1
        body = [(match[3] or "").strip(), *(line.strip() for line in lines[at + 1 : end])]
        _field(doc, types, (match[1].lower(), match[2].strip()), "\n".join(body).strip())
        at = end
    for parameter in doc.get("parameters", []):
        known = types.get(parameter["name"])
        if known and "type" not in parameter:
            parameter["type"] = known
    if types.get("") and doc.get("returns") is None:
        doc["returns"] = types[""]
    return rest


def _known(line: str) -> re.Match[str] | None:
    match = _FIELD.match(line)
    return match if match is not None and match[1].lower() in _KNOWN else None


def _continues(line: str, margin: int) -> bool:
    return bool(line.strip()) and len(line) - len(line.lstrip(" ")) > margin


def _field(doc: Doc, types: dict[str, str], field: tuple[str, str], text: str) -> None:
    kind, argument = field
    if kind in _PARAMETER and argument:
        *words, name = argument.split()
        parameter = {"name": name.lstrip("*\\"), "text": text}
        if words:
            parameter["type"] = " ".join(words)
        doc.setdefault("parameters", []).append(parameter)
    elif kind == "type":
        types[argument.lstrip("*\\")] = text
    elif kind in _RAISE and argument:
        doc.setdefault("raises", []).append({"type": argument, "text": text})
    elif kind in ("return", "returns"):
        doc["returns"] = text
    elif kind in ("yield", "yields"):
        doc["yields"] = text
    elif kind == "rtype":
        types[""] = text
    elif kind == "deprecated":
        doc["deprecated"] = text or "It is deprecated"
