"""A script that is sent messages: it keeps reviews, and answers each with the mean so far."""

from __future__ import annotations

import json
import sys

import reviews

board = reviews.Board("Tea")
for line in sys.stdin:
    board.add(json.loads(line))
    print(json.dumps(board.mean()), flush=True)
