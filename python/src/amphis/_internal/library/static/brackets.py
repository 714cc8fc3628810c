"""Type parameters in brackets, as in `def first[T: int](many: list[T]) -> T`."""

from __future__ import annotations

import ast
import sys

from amphis._internal.library.static.scope import Assigned

HAS_BRACKETS = sys.version_info >= (3, 12)
"""Whether this Python has the syntax."""


def in_brackets(node: ast.AST | None) -> dict[str, Assigned]:
    """The parameters of a function, class or alias, as what older code binds to such names."""
    return {one.name: _variable(one) for one in getattr(node, "type_params", ())}


def _variable(node: ast.AST) -> Assigned:
    """`T = TypeVar("T", bound=int)`, of `T: int`."""
    bound = getattr(node, "bound", None)
    default = getattr(node, "default_value", None)
    constraints = bound.elts if isinstance(bound, ast.Tuple) else []
    keywords = {"bound": None if constraints else bound, "default": default}
    call = ast.Call(
        ast.Name(type(node).__name__),
        [ast.Constant(getattr(node, "name", "")), *constraints],
        [ast.keyword(word, value) for word, value in keywords.items() if value is not None],
    )
    return Assigned(None, call)
