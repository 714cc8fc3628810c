"""Answers requests in lines of JSON: the Python half of an adapter that is written by hand."""

from __future__ import annotations

import base64
import json
import sys
from dataclasses import asdict
from typing import Any

import reviews

answers = sys.stdout
sys.stdout = sys.stderr  # what a library prints must not be taken for an answer


def answer(message: dict[str, Any]) -> None:
    """Write one line."""
    answers.write(json.dumps(message, allow_nan=False) + "\n")
    answers.flush()


# #region dispatch
def dispatch(call: int, method: str, params: dict[str, Any]) -> object:
    """Make one call. A stream has written its items when it returns."""
    if method == "rate":
        return [asdict(rating) for rating in reviews.rate(params["texts"], best=params["best"])]
    if method == "spread":
        return reviews.spread(params["texts"])
    if method == "read":
        return reviews.read(base64.b64decode(params["file"]), column=params["column"])
    if method == "summarize":
        for item in reviews.summarize(params["texts"]):
            answer({"id": call, "item": item})
        return None
    if method == "crash":
        return reviews.crash()
    raise LookupError(f"there is no method {method}")


for line in sys.stdin:
    request = json.loads(line)
    try:
        result = dispatch(request["id"], request["method"], request["params"])
        answer({"id": request["id"], "result": result})
    except Exception as error:  # noqa: BLE001 - whatever a library raises is for the caller
        failure = {"type": type(error).__name__, "message": str(error)}
        answer({"id": request["id"], "error": failure})
# #endregion dispatch
