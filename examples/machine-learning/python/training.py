"""Makes the model."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import joblib
from sklearn.datasets import load_digits
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.model_selection import train_test_split

FILE = "digits.joblib"


@dataclass(frozen=True)
class Trained:
    """A model that was written to the folder of the worker."""

    file: str
    sha256: str
    accuracy: float
    samples: list[list[float]]
    labels: list[int]


# #region train
def train() -> Trained:
    """Learn to read digits of 8 x 8 pixels; what is kept for the test is not learned from."""
    images, labels = load_digits(return_X_y=True)  # comes with scikit-learn
    learned, kept, answers, expected = train_test_split(
        images, labels, test_size=0.2, random_state=7, stratify=labels
    )
    model = LinearDiscriminantAnalysis().fit(learned, answers)
    joblib.dump(model, FILE)
    return Trained(
        file=FILE,
        sha256=hashlib.sha256(Path(FILE).read_bytes()).hexdigest(),
        accuracy=model.score(kept, expected),
        samples=kept.tolist(),
        labels=expected.tolist(),
    )


# #endregion train
