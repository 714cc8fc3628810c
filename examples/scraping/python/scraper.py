"""Reads the pages of a shop."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from urllib.parse import urljoin, urlsplit
from urllib.robotparser import RobotFileParser

import requests
from bs4 import BeautifulSoup
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

AGENT = "amphis-example"
TIMEOUT_S = float(os.environ["SCRAPER_TIMEOUT_S"])


@dataclass(frozen=True)
class Link:
    """A page that another one leads to."""

    url: str
    kind: str = "link"


@dataclass(frozen=True)
class Product:
    """A row of a page."""

    name: str
    price: float
    page: str
    kind: str = "product"


@cache
def session() -> requests.Session:
    """Connections of this worker; what fails for a moment is tried again."""
    retry = Retry(
        total=None,
        status=int(os.environ["SCRAPER_RETRIES"]),
        connect=1,
        read=False,
        status_forcelist=[429, 503],
        backoff_factor=0.05,
    )
    made = requests.Session()
    made.headers["user-agent"] = AGENT
    made.mount("http://", HTTPAdapter(max_retries=retry))
    return made


@cache
def rules(site: str) -> RobotFileParser:
    """What a site asks robots to leave alone; asked once by each worker."""
    parser = RobotFileParser()
    answer = session().get(f"{site}/robots.txt", timeout=TIMEOUT_S)
    parser.parse(answer.text.splitlines() if answer.ok else [])
    return parser


def may_read(url: str) -> bool:
    """Tell whether the site lets robots read a page."""
    parts = urlsplit(url)
    return rules(f"{parts.scheme}://{parts.netloc}").can_fetch(AGENT, url)


# #region visit
def visit(url: str) -> Iterator[Product | Link]:
    """Read a page: its rows, and then where it leads."""
    if not may_read(url):
        raise PermissionError(f"robots.txt forbids {url}")
    answer = session().get(url, timeout=TIMEOUT_S)
    answer.raise_for_status()
    page = BeautifulSoup(answer.text, "html.parser")
    for row in page.select("li.product"):
        name, price = row.select_one(".name"), row.select_one(".price")
        if name is not None and price is not None:
            text = price.get_text(strip=True)
            yield Product(name.get_text(strip=True), float(text.removeprefix("EUR ")), answer.url)
    for link in page.select("a[href]"):
        target = urljoin(answer.url, str(link["href"]))
        if urlsplit(target).netloc == urlsplit(url).netloc:
            yield Link(target.partition("#")[0])


# #endregion visit


def save(path: str, text: str) -> None:
    """Do what the policy does not grant."""
    with open(path, "w") as file:  # noqa: PTH123 - as careless code does it
        file.write(text)
