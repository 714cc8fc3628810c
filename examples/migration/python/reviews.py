"""What a shop does with reviews: an ordinary module, the same before and after."""

from __future__ import annotations

import csv
import io
import os
import re
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

GOOD = frozenset({"fine", "good", "great", "love", "loved", "warm"})
BAD = frozenset({"awful", "bad", "broken", "cold", "late", "poor"})


# #region functions
@dataclass(frozen=True, slots=True)
class Rating:
    """What a review says of a product."""

    text: str
    stars: float
    words: int


class EmptyReviewError(ValueError):
    """A review has no words."""

    def __init__(self, index: int) -> None:
        super().__init__(f"review {index} has no words")
        self.index = index


def rate(texts: Sequence[str], *, best: int = 5) -> list[Rating]:
    """Give each review its stars, from 0 to `best`."""
    return [_rated(index, text, best) for index, text in enumerate(texts)]


def spread(texts: Sequence[str]) -> float:
    """Tell how far the stars of reviews are apart; NaN where there are fewer than two."""
    stars = [rating.stars for rating in rate(texts)]
    return statistics.stdev(stars) if len(stars) > 1 else float("nan")


def read(file: bytes, *, column: str = "review") -> list[str]:
    """Take the reviews out of a CSV file."""
    text = io.TextIOWrapper(io.BytesIO(file), encoding="utf-8", newline="")
    return [row[column] for row in csv.DictReader(text)]


def summarize(texts: Sequence[str]) -> Iterator[str]:
    """Say in words what customers think, one after another, as a model does."""
    ratings = rate(texts)
    mean = statistics.fmean(rating.stars for rating in ratings)
    verdict = "like it" if mean > 2.5 else "do not like it"
    yield from re.findall(r"\S+\s*", f"{len(ratings)} customers {verdict}")


# #endregion functions


class Board:
    """Reviews that are kept, and a listener who is told of each."""

    def __init__(self, title: str, *, best: int = 5) -> None:
        self.title = title
        self.best = best
        self.ratings: list[Rating] = []

    def add(self, text: str, told: Callable[[float], object] | None = None) -> int:
        """Keep a review. Return how many there are."""
        [rating] = rate([text], best=self.best)
        self.ratings.append(rating)
        if told is not None:
            told(rating.stars)
        return len(self.ratings)

    def mean(self) -> float:
        """Return the mean of all stars."""
        return statistics.fmean(rating.stars for rating in self.ratings)


def crash() -> None:
    """End the process, as a fault in native code does."""
    os.abort()


def _rated(index: int, text: str, best: int) -> Rating:
    words = re.findall(r"[a-z]+", text.lower())
    if not words:
        raise EmptyReviewError(index)
    balance = sum((word in GOOD) - (word in BAD) for word in words)
    share = min(max(0.5 + balance / 4, 0.0), 1.0)
    return Rating(text, share * best, len(words))
