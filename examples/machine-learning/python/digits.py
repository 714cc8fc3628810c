"""Serves the model: loaded once for each worker, used by all of its calls."""

from __future__ import annotations

import hashlib
import io
import os
import time
from pathlib import Path
from typing import Protocol

import joblib
import numpy as np


class Model(Protocol):
    """What is used of a model."""

    def predict_proba(self, images: np.ndarray) -> np.ndarray:
        """Give a probability for each digit."""


loaded: list[Model] = []


# #region load
def load() -> None:
    """Load the model, if it is the one that this project made.

    To read a file of joblib runs code that the file names, so it is compared first.
    """
    content = Path("digits.joblib").read_bytes()
    if hashlib.sha256(content).hexdigest() != os.environ["MODEL_SHA256"]:
        raise ValueError("digits.joblib is not the model that was trained")
    loaded[:] = [joblib.load(io.BytesIO(content))]


# #endregion load


# #region predict
def predict(images: list[list[float]]) -> list[dict[str, float]]:
    """Read digits of 8 x 8 pixels from 0 to 16."""
    pixels = np.asarray(images, dtype=np.float64)
    if pixels.ndim != 2 or pixels.shape[1] != 64:
        raise ValueError("each image must have 64 pixels")
    return [
        {"digit": int(row.argmax()), "confidence": float(row.max())}
        for row in loaded[0].predict_proba(pixels)
    ]


# #endregion predict


def crash() -> None:
    """End the worker as a fault in C code would."""
    os.abort()


def dawdle() -> None:
    """Take longer than anybody waits."""
    time.sleep(600)
