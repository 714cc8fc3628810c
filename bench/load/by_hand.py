"""Answers calls in lines of JSON: `by_hand.py <socket>`."""

from __future__ import annotations

import importlib
import json
import socket
import sys

with socket.socket(socket.AF_UNIX) as program:
    program.connect(sys.argv[1])
    stream = program.makefile("rw")
    for line in stream:
        number, module, name, args = json.loads(line)
        result = getattr(importlib.import_module(module), name)(*args)
        stream.write(json.dumps([number, result]) + "\n")
        stream.flush()
