"""A service as one writes it today, beside a program in Node: `side_car.py <socket>`.

JSON for small values, the body of a request for an array.
"""

from __future__ import annotations

import sys

import numpy as np
import uvicorn
import work
from fastapi import FastAPI, Request

app = FastAPI()


@app.post("/call")
async def call(request: Request) -> object:
    name, args = await request.json()
    return getattr(work, name)(*args)


@app.post("/array/{name}")
async def array(name: str, request: Request) -> object:
    return getattr(work, name)(np.frombuffer(await request.body()))


if __name__ == "__main__":
    uvicorn.run(app, uds=sys.argv[1], log_level="error")
