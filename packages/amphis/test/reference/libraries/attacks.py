"""<script>document.title = "broken"</script> <b>bold</b> & </title></head>.

.. raw:: html

   <img src=x onerror="alert(1)">

`click <javascript:alert(1)>`_ and `data <data:text/html,<script>alert(1)</script>>`_,
https://example.org/a"onclick="b and
`this one <https://example.org/?a=1&b=%22>`_, `user <https://user:secret@example.org/>`_,
<https://example.org/<script>>.

-- `<` `` ` `` ``</code><script>`` **</strong>** *a :func:`<img>` [<b>]_ \\<i>

========  ======
<td>      </tr>
========  ======
"><b>     x
========  ======

- - - - - - - - - - - - <li>

    indented

.. note:: </div>
"""

from __future__ import annotations

__all__ = ["Shelf", "a", "long", "shelf", "turned", "value"]


def a(text: str = "</code><script>alert(1)</script>", *, more: str = "'\"&<>") -> str:
    """</p><script>alert(1)</script>

    Parameters
    ----------
    text : <script>
        </td></tr></table><script>alert(1)</script>

    Raises
    ------
    <script>
        javascript:alert(1)

    Examples
    --------
    >>> a("</pre><script>")  # </code>
    '</pre><script>'
    """
    return text + more * 0


def long() -> None:
    pass


long.__doc__ = "<b>Long.\n\n" + "``[`*:https://x " * 60_000


def turned() -> None:
    pass


# Not as a docstring: Python 3.13 compiles none that is no text.
turned.__doc__ = "Broken \ud800 text, \u202etext\u202c and \x00 control \x1b[31m characters."


class Shelf:
    """A class whose name differs from that of a function in case only.

    >>> Shelf().put("<book>")
    1
    """

    class Shelf:
        """A class in a class."""

    def put(self, what: str) -> int:
        """Puts something.

        >>> shelf = Shelf()
        >>> shelf.put("one")
        1
        >>> shelf.put("two")
        2
        """
        self.books = [*getattr(self, "books", []), what]
        return len(self.books)


def shelf() -> None:
    """Sleeps.

    >>> import time
    >>> print("before")
    before
    >>> time.sleep(1_000_000)
    """


value = "</script>"
globals()["strange/../name <b>"] = a
__all__ += ["strange/../name <b>"]  # noqa: F822 - it is there
