"""One answer of several: what stubs, sources, Python and docstrings say of how to call."""

from __future__ import annotations

from typing import Any

Signature = dict[str, Any]

_REST = ("rest", "keywords")


def join_signatures(
    written: list[Signature], runtime: Signature | None, said: Signature | None
) -> tuple[list[Signature], Signature | None]:
    """The signatures of a function, and what Python itself says where that is something else.

    Python decides what a call may look like, and a stub what the types are. Where the two agree
    on the parameters, they become one. Sources agree with Python, or a decorator stands between:
    then Python is right about the parameters and the source about the types of those it kept.
    """
    if not written:
        known = runtime if runtime is not None else said
        return ([] if known is None else [known]), None
    if runtime is None:
        return written, None
    if len(written) == 1:
        if _shape(written[0]) == _shape(runtime):
            return [_merged(written[0], runtime)], None
        if written[0]["source"] == "annotations":
            return [_typed(runtime, written[0])], None
    return written, _untyped(runtime)


def _shape(signature: Signature) -> list[tuple[str, str, bool]]:
    return [
        # The names of `*args` and `**kwargs` are nobody's but the function's.
        ("" if one["kind"] in _REST else one["name"], one["kind"], one["isOptional"])
        for one in signature["parameters"]
    ]


def _merged(written: Signature, runtime: Signature) -> Signature:
    parameters = [
        {**one, **{key: real[key] for key in ("name", "default") if key in real}}
        for one, real in zip(written["parameters"], runtime["parameters"], strict=True)
    ]
    is_typed = "returns" in written or any("type" in one for one in parameters)
    if not is_typed and "returns" in runtime:
        return runtime
    source = written["source"] if is_typed else "runtime"
    return {**written, "parameters": parameters, "source": source, **_exactness(runtime)}


def _typed(runtime: Signature, written: Signature) -> Signature:
    types = {one["name"]: one["type"] for one in written["parameters"] if "type" in one}
    parameters = [
        {**one, "type": types[one["name"]]} if one["name"] in types and "type" not in one else one
        for one in runtime["parameters"]
    ]
    returns = runtime.get("returns", written.get("returns"))
    joined = {**runtime, "parameters": parameters}
    if returns is not None:
        joined["returns"] = returns
        joined["source"] = "annotations"
    if "typeParameters" in written:
        joined["typeParameters"] = written["typeParameters"]
    return joined


def _untyped(runtime: Signature) -> Signature:
    parameters = [
        {key: value for key, value in one.items() if key != "type"} for one in runtime["parameters"]
    ]
    return {"parameters": parameters, "source": "runtime", **_exactness(runtime)}


def _exactness(runtime: Signature) -> Signature:
    return {"isExact": True} if "isExact" in runtime else {}
