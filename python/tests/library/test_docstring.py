"""Docstrings in each style that is common."""

from __future__ import annotations

import pytest

from amphis._internal.library.docstring.parse import parse_docstring

GOOGLE = """Move it.

    At once, and whole.

    Args:
        where (str, optional): The place,
            by name.
        *rest: What is left.

    Returns:
        bool: Whether it moved.

    Yields:
        Steps.

    Raises:
        ValueError: There is no such place.

    Note:
        It is heavy.

    Example:
        >>> move("here")
        True
    """

NUMPY = """Move it.

    At once, and whole.

    Parameters
    ----------
    where : str, optional
        The place,
        by name.
    *rest
        What is left.

        .. deprecated:: 1.0
           Of no use.
    x, y : int
        Both.

    Returns
    -------
    moved : bool
        Whether it moved.

    Raises
    ------
    ValueError
        There is no such place.

    See Also
    --------
    leave

    Notes
    -----
    It is heavy.

    Examples
    --------
    >>> move("here")
    True
    """

SPHINX = """Move it.

    At once, and whole.

    :param str where: The place,
        by name.
    :param \\\\*rest: What is left.
    :type rest: int
    :returns: Whether it moved.
    :rtype: bool
    :raises ValueError: There is no such place.
    """

EPYDOC = """Move it.

    @param where: The place.
    @type where: C{str}
    @return: Whether it moved.
    @raise ValueError: There is no such place.
    """


def test_google_sections_become_parts() -> None:
    assert parse_docstring(GOOGLE) == {
        "summary": "Move it.",
        "text": "At once, and whole.\n\nNote:\n    It is heavy.",
        "parameters": [
            {"name": "where", "type": "str, optional", "text": "The place,\nby name."},
            {"name": "rest", "text": "What is left."},
        ],
        "returns": "bool: Whether it moved.",
        "yields": "Steps.",
        "raises": [{"type": "ValueError", "text": "There is no such place."}],
        "examples": '>>> move("here")\nTrue',
    }


def test_numpy_sections_become_parts() -> None:
    both = {"type": "int", "text": "Both."}
    assert parse_docstring(NUMPY) == {
        "summary": "Move it.",
        "text": "At once, and whole.\n\nNotes\n-----\nIt is heavy.",
        "parameters": [
            {"name": "where", "type": "str, optional", "text": "The place,\nby name."},
            {"name": "rest", "text": "What is left.\n\n.. deprecated:: 1.0\n   Of no use."},
            {"name": "x", **both},
            {"name": "y", **both},
        ],
        "returns": "moved : bool\n    Whether it moved.",
        "raises": [{"type": "ValueError", "text": "There is no such place."}],
        "examples": '>>> move("here")\nTrue',
    }


def test_sphinx_fields_become_parts() -> None:
    assert parse_docstring(SPHINX) == {
        "summary": "Move it.",
        "text": "At once, and whole.",
        "parameters": [
            {"name": "where", "text": "The place,\nby name.", "type": "str"},
            {"name": "rest", "text": "What is left.", "type": "int"},
        ],
        "returns": "Whether it moved.",
        "raises": [{"type": "ValueError", "text": "There is no such place."}],
    }


def test_epydoc_fields_become_parts() -> None:
    assert parse_docstring(EPYDOC) == {
        "summary": "Move it.",
        "parameters": [{"name": "where", "text": "The place.", "type": "C{str}"}],
        "returns": "Whether it moved.",
        "raises": [{"type": "ValueError", "text": "There is no such place."}],
    }


@pytest.mark.parametrize(
    ("text", "doc"),
    [
        ("", {}),
        ("   \n  ", {}),
        ("One\nsentence.", {"summary": "One sentence."}),
        ("One.\n\nTwo.\n\nThree.", {"summary": "One.", "text": "Two.\n\nThree."}),
        ("add(x, y) -> int\n\nAdd two.", {"summary": "Add two."}),
        ("f(x, /)\nAdd two.", {"summary": "Add two."}),
        (
            "One.\n\nWhy.\n\n>>> 1\n1\n\nEnd.",
            {"summary": "One.", "examples": ">>> 1\n1", "text": "Why.\n\nEnd."},
        ),
        (
            "One.\n\nReturns:\nnothing indented",
            {"summary": "One.", "text": "Returns:\nnothing indented"},
        ),
    ],
)
def test_plain_text_has_a_summary_and_the_rest(text: str, doc: dict[str, str]) -> None:
    assert parse_docstring(text) == doc


@pytest.mark.parametrize(
    "text",
    [
        "One.\n\n.. deprecated:: 2.1\n    Use two.\n\nMore.",
        "One.\n\nMore.\n\n.. deprecated:: 2.1 Use\n   two.\n",
    ],
)
def test_deprecation_is_told_apart_from_the_text(text: str) -> None:
    doc = parse_docstring(text)
    assert doc == {"summary": "One.", "text": "More.", "deprecated": "2.1 Use two."}


def test_summary_ends_with_its_first_sentence_when_it_is_long() -> None:
    text = f"It begins. {'And it goes on. ' * 40}"
    doc = parse_docstring(text)
    assert doc["summary"] == "It begins."
    assert doc["text"].startswith("And it goes on.")


@pytest.mark.parametrize(
    "text",
    [
        ">>> " * 50_000,
        "Args:\n" + "    x: y\n" * 20_000,
        "Parameters\n----------\n" * 5_000,
        ":param" * 20_000,
        ":param x" * 20_000 + ":",
        " " * 100_000 + ":",
        "\x00\n\ud800",
        "A " * 100_000,
    ],
)
def test_hostile_text_ends_in_a_bounded_doc(text: str) -> None:
    doc = parse_docstring(text)
    assert len(doc.get("summary", "")) <= 400
    assert len(doc.get("text", "")) <= 8_000
