"""A script for `PythonShell.run`: reviews as arguments, a line of JSON for each rating."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import reviews

for rating in reviews.rate(sys.argv[2:], best=int(sys.argv[1])):
    print(json.dumps(asdict(rating)))
