"""A side-car: the reviews behind HTTP. `python app.py` says which port it got."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Annotated

import reviews
import uvicorn
from fastapi import FastAPI, Form, HTTPException, UploadFile
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

# #region app
app = FastAPI()


class RateRequest(BaseModel):
    """Reviews to be rated."""

    texts: list[str] = Field(min_length=1)
    best: int = Field(default=5, ge=1, le=10)


class Rating(BaseModel, from_attributes=True):
    """What a review says of a product."""

    text: str
    stars: float
    words: int


@app.post("/rate")
def rate(request: RateRequest) -> list[Rating]:
    """Give each review its stars."""
    try:
        ratings = reviews.rate(request.texts, best=request.best)
    except reviews.EmptyReviewError as error:
        detail = {"type": "EmptyReviewError", "message": str(error), "index": error.index}
        raise HTTPException(422, detail) from error
    return [Rating.model_validate(rating) for rating in ratings]


@app.post("/spread")
def spread(texts: list[str]) -> float:
    """Tell how far the stars of reviews are apart."""
    return reviews.spread(texts)


@app.post("/read")
async def read(file: UploadFile, column: Annotated[str, Form()] = "review") -> list[str]:
    """Take the reviews out of a CSV file."""
    return reviews.read(await file.read(), column=column)


@app.post("/summarize")
def summarize(texts: list[str]) -> StreamingResponse:
    """Say in words what customers think."""
    words: Iterator[str] = reviews.summarize(texts)
    return StreamingResponse(words, media_type="text/plain")


@app.post("/crash")
def crash() -> None:
    """End the process, as a fault in native code does."""
    reviews.crash()


# #endregion app


if __name__ == "__main__":
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])
