"""What code in a worker can use, and what programs call by name where Python has no function.

Code and files run in a namespace: a dict, which programs hold by its handle.

```ts
const space = await py.call("amphis.worker:namespace", [], { result: "handle" });
await py.call("amphis.worker:execute", ["total = 1 + 1", space]);
```
"""

from __future__ import annotations

from amphis._internal.worker.exceptions import Cancelled, TypeScriptError
from amphis._internal.worker.operations import (
    enter,
    evaluate,
    execute,
    exit,  # noqa: A004 - named as what it calls
    module,
    namespace,
    run_file,
    to_arrow,
)
from amphis._internal.worker.telling import Operation, operation
from amphis._internal.worker.trace import trace_context

__all__ = [
    "Cancelled",
    "Operation",
    "TypeScriptError",
    "enter",
    "evaluate",
    "execute",
    "exit",
    "module",
    "namespace",
    "operation",
    "run_file",
    "to_arrow",
    "trace_context",
]
