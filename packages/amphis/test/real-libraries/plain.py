"""Runs scripts, each with names of its own, and prints what `result` is at the end of each as JSON.

This is Python without Amphis: what it says is what programs over Amphis have to get.
"""

import json
import math
import sys
import traceback
import warnings


def plain(value: object) -> object:
    """Make JSON of a value, with floats and integers that JSON or JavaScript lacks as objects."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return int(value) if abs(value) < 2**53 else {"$bigint": str(value)}
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else {"$float": repr(float(value))}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    raise TypeError(f"the script has to say what {type(value).__name__} is as JSON")


def run(script: str, given: dict[str, object]) -> dict[str, object]:
    names = dict(given)
    try:
        exec(compile(script, "<script>", "exec"), names)  # noqa: S102 - it is what this is for
        return {"result": plain(names["result"])}
    except Exception:  # noqa: BLE001 - whatever the script raises is the answer
        return {"failure": traceback.format_exc()}


warnings.simplefilter("ignore")
asked = json.load(sys.stdin)
print(json.dumps([run(script, asked["given"]) for script in asked["scripts"]], allow_nan=False))
