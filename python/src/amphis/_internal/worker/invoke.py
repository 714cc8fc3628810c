"""Calls of what programs name.

`exec`, `eval` and `compile` take over the `__future__` imports of the module that calls them. So
this one has none, and others call through it.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any


def invoke(target: "object", args: "Sequence[object]", kwargs: "Mapping[str, object]") -> "Any":  # noqa: ANN401 - whatever it gives
    """Call it."""
    return target(*args, **kwargs)  # type: ignore[operator] # whatever it is
