"""A docstring as what it says of summary, parameters, results, exceptions and examples."""

from __future__ import annotations

import re
from typing import Any

from amphis._internal.library.docstring.fields import has_fields, read_fields
from amphis._internal.library.docstring.sections import (
    google_sections,
    numpy_sections,
    read_google,
    read_numpy,
)

Doc = dict[str, Any]

# What is longer is not read by anybody in an editor.
_LONGEST = 100_000
_TEXT = 8_000
_SUMMARY = 400
# One that is indented is about a parameter.
_DEPRECATED = re.compile(r"^\.\. deprecated::[ \t]*(.*)$", re.MULTILINE)
_DOCTEST = re.compile(r"^(?:>>> .*\n?(?:(?!\s*$).*\n?)*\s*)+", re.MULTILINE)
_SIGNATURE = re.compile(r"^[\w.]+\(.*\)(?:\s*->\s*.+)?$")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z`\"'(])")


def parse_docstring(text: str) -> Doc:
    """What a docstring says; `deprecated` is what it says of deprecation, where it does."""
    lines = clean(text)
    doc: Doc = {}
    lines = _without_deprecation(lines, doc)
    numpy = numpy_sections(lines)
    google = None if numpy else google_sections(lines)
    if numpy:
        body = read_numpy(lines, numpy, doc)
    elif google:
        body = read_google(lines, google, doc)
    else:
        body = lines
    if has_fields(body):
        body = read_fields(body, doc)
    _describe("\n".join(body).strip(), doc)
    return {key: value for key, value in doc.items() if value}


def clean(text: str) -> list[str]:
    """The lines of a docstring without the indentation that the code around it gave them."""
    lines = text[:_LONGEST].expandtabs().replace("\r\n", "\n").split("\n")
    rest = [line for line in lines[1:] if line.strip()]
    margin = min((len(line) - len(line.lstrip(" ")) for line in rest), default=0)
    return [lines[0].strip(), *(line[margin:].rstrip() for line in lines[1:])]


def _without_deprecation(lines: list[str], doc: Doc) -> list[str]:
    match = _DEPRECATED.search("\n".join(lines))
    if match is None:
        return lines
    start = next(at for at, line in enumerate(lines) if _DEPRECATED.match(line))
    end = start + 1
    while end < len(lines) and (not lines[end] or lines[end].startswith(" ")):
        end += 1
    words = [match[1].strip(), *(line.strip() for line in lines[start + 1 : end])]
    doc["deprecated"] = _joined(words) or "It is deprecated"
    return [*lines[:start], *lines[end:]]


def _describe(text: str, doc: Doc) -> None:
    first, _, rest = text.partition("\n\n")
    lines = first.split("\n")
    # Functions of C have their signature in their docstrings.
    while lines and _SIGNATURE.match(lines[0].strip()):
        lines = lines[1:]
    if not any(line.strip() for line in lines):
        first, _, rest = rest.strip("\n").partition("\n\n")
        lines = first.split("\n")
    summary = _joined(lines)
    if len(summary) > _SUMMARY:
        sentences = _SENTENCE.split(summary, maxsplit=1)
        rest = f"{sentences[1]}\n\n{rest}" if len(sentences) > 1 else rest
        summary = sentences[0]
    doc["summary"] = shortened(summary, _SUMMARY)
    if "examples" not in doc:
        match = _DOCTEST.search(rest)
        if match is not None:
            doc["examples"] = match[0].strip()[:_TEXT]
            rest = rest[: match.start()] + rest[match.end() :]
    doc["text"] = shortened(rest.strip(), _TEXT)


def _joined(lines: list[str]) -> str:
    return " ".join(" ".join(lines).split())


def shortened(text: str, limit: int) -> str:
    """The start of a text, and a sign where it was cut."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
