"""Reads every page of a site with Python's own parser, and tells what is wrong with it."""

from __future__ import annotations

import json
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

_VOID = frozenset(("br", "input", "link", "meta"))
_TAGS = """
a body br button code dd div dl dt em figcaption figure form h1 h2 h3 h4 head header html
input kbd label li link main meta nav ol p pre script section span strong sup table tbody
td th thead title tr ul
"""
_KNOWN = frozenset(_TAGS.split())


class Page(HTMLParser):
    """Tags, identifiers and links of one page."""

    def __init__(self, file: str) -> None:
        super().__init__(convert_charrefs=True)
        self.file = file
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.problems: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _KNOWN:
            self.problems.append(f"{self.file}: <{tag}> is unexpected")
        if tag not in _VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name.startswith("on") or name == "style":
                self.problems.append(f"{self.file}: attribute {name}={value}")
            if name == "id":
                self.ids.append(value or "")
            if name in ("href", "src"):
                self.links.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"{self.file}:{self.getpos()[0]}: </{tag}> closes nothing")

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script" and data.strip():
            self.problems.append(f"{self.file}: a script in the page")


def main(folder: Path) -> None:
    """Print problems, addresses of the web, and how many pages there are."""
    pages: dict[str, Page] = {}
    for path in sorted(folder.rglob("*.html")):
        page = Page(path.relative_to(folder).as_posix())
        page.feed(path.read_text("utf8"))
        page.close()
        pages[page.file] = page
    problems: list[str] = []
    web: set[str] = set()
    for page in pages.values():
        problems += page.problems
        if page.open:
            problems.append(f"{page.file}: not closed are {page.open}")
        if len(set(page.ids)) < len(page.ids):
            problems.append(f"{page.file}: an id is there twice")
        for link in page.links:
            if urlsplit(link).scheme:
                web.add(link)
                continue
            to = urlsplit(urljoin(page.file, link))
            file = unquote(to.path) or page.file
            if not (folder / file).is_file():
                problems.append(f"{page.file}: {link} leads nowhere")
            elif to.fragment and unquote(to.fragment) not in pages[file].ids:
                problems.append(f"{page.file}: {link} has no such place")
    print(json.dumps({"pages": len(pages), "problems": problems[:40], "web": sorted(web)}))


main(Path(sys.argv[1]))
