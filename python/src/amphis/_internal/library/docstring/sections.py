"""Docstrings in sections, as NumPy and Google write them."""

from __future__ import annotations

import re
from typing import Any

Doc = dict[str, Any]
# Title, where it starts, where its body starts, where it ends.
Section = tuple[str, int, int, int]

_KINDS = {
    "args": "parameters",
    "arguments": "parameters",
    "parameters": "parameters",
    "params": "parameters",
    "other parameters": "parameters",
    "keyword args": "parameters",
    "keyword arguments": "parameters",
    "keyword parameters": "parameters",
    "returns": "returns",
    "return": "returns",
    "yields": "yields",
    "yield": "yields",
    "raises": "raises",
    "raise": "raises",
    "except": "raises",
    "exceptions": "raises",
    "throws": "raises",
    "example": "examples",
    "examples": "examples",
    "deprecated": "deprecated",
    "references": "dropped",
    "see also": "dropped",
    "attributes": "text",
    "methods": "text",
    "note": "text",
    "notes": "text",
    "receives": "text",
    "todo": "text",
    "warning": "text",
    "warnings": "text",
    "warns": "text",
}
_RULE = re.compile(r"^-{3,}$|^={3,}$")
_GOOGLE = re.compile(r"^([A-Z][A-Za-z ]{1,24}):$")
_ITEM = re.compile(r"^(\*{0,2}\w[\w.]*)(?:\s*\((.*?)\))?\s*:(?:\s+(.*))?$")
_RAISE = re.compile(r"^`{0,2}(?::\w+:`)?([A-Za-z_][\w.]*)`{0,2}\s*:(?:\s+(.*))?$")
_LONGEST = 8_000


def numpy_sections(lines: list[str]) -> list[Section]:
    """Titles that are underlined."""
    starts = [
        at
        for at in range(len(lines) - 1)
        if _RULE.match(lines[at + 1]) and lines[at].strip().lower() in _KINDS
    ]
    ends = [*starts[1:], len(lines)]
    return [(lines[a].strip().lower(), a, a + 2, end) for a, end in zip(starts, ends, strict=False)]


def google_sections(lines: list[str]) -> list[Section]:
    """Titles with a colon, whose bodies are indented."""
    sections: list[Section] = []
    at = 0
    while at < len(lines):
        match = _GOOGLE.match(lines[at])
        title = match[1].lower() if match else ""
        end = at + 1
        while end < len(lines) and (not lines[end] or lines[end].startswith(" ")):
            end += 1
        has_body = any(line.strip() for line in lines[at + 1 : end])
        if title in _KINDS and has_body:
            sections.append((title, at, at + 1, end))
            at = end
        else:
            at += 1
    return sections


def read_numpy(lines: list[str], sections: list[Section], doc: Doc) -> list[str]:
    """Take the sections into a doc; what is left is free text."""
    rest = lines[: sections[0][1]]
    for title, start, body, end in sections:
        kind = _KINDS[title]
        content = lines[body:end]
        if kind == "parameters":
            doc.setdefault("parameters", []).extend(_numpy_parameters(content))
        elif kind == "raises":
            doc.setdefault("raises", []).extend(_numpy_raises(content))
        elif kind == "text":
            while rest and not rest[-1]:
                rest.pop()
            rest = [*rest, "", *lines[start:end]]
        elif kind != "dropped":
            _keep(doc, kind, _block(content))
    return rest


def read_google(lines: list[str], sections: list[Section], doc: Doc) -> list[str]:
    """Take the sections into a doc; what is left is free text."""
    rest: list[str] = []
    done = 0
    for title, start, body, end in sections:
        rest.extend(lines[done:start])
        done = end
        kind = _KINDS[title]
        content = lines[body:end]
        if kind == "parameters":
            doc.setdefault("parameters", []).extend(_google_parameters(content))
        elif kind == "raises":
            doc.setdefault("raises", []).extend(_google_raises(content))
        elif kind == "text":
            rest.extend(lines[start:end])
        elif kind != "dropped":
            _keep(doc, kind, _block(content))
    return [*rest, *lines[done:]]


def _keep(doc: Doc, kind: str, text: str) -> None:
    doc[kind] = f"{doc[kind]}\n\n{text}" if doc.get(kind) else text


def _block(lines: list[str]) -> str:
    """Lines without their common indentation."""
    margin = min((len(one) - len(one.lstrip(" ")) for one in lines if one.strip()), default=0)
    return "\n".join(line[margin:] for line in lines).strip()[:_LONGEST]


def items(lines: list[str]) -> list[tuple[str, list[str]]]:
    """Heads, and the lines below each that are indented further."""
    found: list[tuple[str, list[str]]] = []
    margin = min((len(one) - len(one.lstrip(" ")) for one in lines if one.strip()), default=0)
    for line in lines:
        if line.strip() and len(line) - len(line.lstrip(" ")) == margin:
            found.append((line.strip(), []))
        elif found:
            found[-1][1].append(line)
    return found


def _numpy_parameters(lines: list[str]) -> list[dict[str, str]]:
    parameters: list[dict[str, str]] = []
    for head, body in items(lines):
        names, colon, kind = head.partition(" : ")
        if not colon:
            names, _, kind = head.partition(": ")
        # Prose that stands among them names nothing.
        wanted = [name.strip().rstrip(":").strip("`*").lstrip("*") for name in names.split(",")]
        if not all(name.isidentifier() for name in wanted if name != "..."):
            continue
        text = _block(body)
        parameters.extend(_parameter(one, kind.strip(), text) for one in wanted if one != "...")
    return parameters


def _parameter(name: str, kind: str, text: str) -> dict[str, str]:
    return {"name": name, **({"type": kind} if kind else {}), "text": text}


def _numpy_raises(lines: list[str]) -> list[dict[str, str]]:
    return [
        {"type": head.strip("`: "), "text": _block(body)}
        for head, body in items(lines)
        if len(head) < 200
    ]


def _google_parameters(lines: list[str]) -> list[dict[str, str]]:
    parameters: list[dict[str, str]] = []
    for head, body in items(lines):
        match = _ITEM.match(head)
        if match is None:
            continue
        text = _text(match[3], body)
        parameters.append(_parameter(match[1].lstrip("*"), (match[2] or "").strip(), text))
    return parameters


def _google_raises(lines: list[str]) -> list[dict[str, str]]:
    found = ((_RAISE.match(head), body) for head, body in items(lines))
    return [{"type": one[1], "text": _text(one[2], body)} for one, body in found if one]


def _text(first: str | None, body: list[str]) -> str:
    more = _block(body)
    return "\n".join(part for part in (first or "", more) if part)
