import {
  attribute,
  fetch,
  isAmphisError,
  item,
  iterate,
  keep,
  kw,
  len,
  type PyObject,
  setItem,
  str,
  truth,
  typeOf,
} from "amphis";
import { expect, test } from "vitest";

import { rejection } from "../wait.ts";
import { story } from "./story.ts";

const PAGE = `<!doctype html>
<html lang="da"><head><title>Køge &amp; omegn</title></head><body>
<!-- a note -->
<table id="trips"><tr><th>By</th><th>Km</th></tr>
<tr class="trip far"><td>Ulm</td><td data-km="3,5">3,5 km</td></tr>
<tr class="trip"><td>東京 <b>🗼</b></td><td></td></tr></table>
<a href="/a?x=1&amp;y=2">one</a><a>no address</a><p>unclosed <i>text
</body></html>`;

story(
  "bs4",
  (bs4) => {
    bs4.same(
      "a page is searched by tags, selectors and texts as in Python",
      `
from bs4 import BeautifulSoup, Comment
soup = BeautifulSoup(page, "html.parser")
result = {
    "title": soup.title.string, "lang": soup.html["lang"],
    "rows": [[cell.get_text(" ", strip=True) for cell in row.find_all("td")] for row in soup.select("tr.trip")],
    "classes": [row["class"] for row in soup.find_all("tr", class_="trip")],
    "links": [link.get("href") for link in soup.find_all("a")], "km": soup.find(attrs={"data-km": True}).attrs,
    "notes": [str(each) for each in soup.find_all(string=lambda text: isinstance(text, Comment))],
    "texts": len(list(soup.stripped_strings)), "none": soup.find("video") is None,
    "parents": [each.name for each in soup.find("b").parents], "count": len(soup.find_all(True)),
}
`,
      async (py) => {
        const { BeautifulSoup } = await py.import("bs4");
        const soup = await BeautifulSoup(PAGE, "html.parser");
        const rows: PyObject[] = await soup.select("tr.trip");
        const strip = kw({ strip: true });
        const cells = async (row: PyObject): Promise<readonly string[]> => {
          const found: PyObject[] = await row.find_all("td");
          return Promise.all(found.map((cell) => cell.get_text(" ", strip)));
        };
        // Texts come as texts; only Python knows which of them were comments.
        const names = { Comment: py.import("bs4").Comment };
        const isNote = await py.eval("lambda text: isinstance(text, Comment)", names);
        const parents: string[] = [];
        for await (const parent of iterate<PyObject>(soup.find("b").parents)) {
          parents.push(await fetch<string>(attribute(parent, "name")));
        }
        const links: PyObject[] = await soup.find_all("a");
        return {
          title: await soup.title.string,
          lang: await item(soup.html, "lang"),
          rows: await Promise.all(rows.map(cells)),
          classes: await Promise.all(rows.map((row) => fetch(item(row, "class")))),
          links: await Promise.all(links.map((link) => link.get("href"))),
          km: await soup.find(kw({ attrs: { "data-km": true } })).attrs,
          notes: await soup.find_all(kw({ string: isNote })),
          texts: (await py.call<string[]>("builtins:list", [soup.stripped_strings])).length,
          none: (await soup.find("video")) === null,
          parents,
          count: await len(soup.find_all(true)),
        };
      },
    );

    bs4.same(
      "a page is changed and written, and bytes of other encodings are read",
      `
from bs4 import BeautifulSoup
soup = BeautifulSoup(page, "html.parser")
soup.table["id"] = "journeys"
soup.b.replace_with("tower")
link = soup.new_tag("a", href="/b?x=<>")
link.string = "two & three"
soup.p.append(link)
soup.i.decompose()
latin = BeautifulSoup("<p>Grüße</p>".encode("latin-1"), "html.parser", from_encoding="latin-1")
result = {
    "text": str(soup.table), "paragraph": str(soup.p), "latin": latin.p.string,
    "encoding": latin.original_encoding, "pretty": soup.title.prettify(), "empty": str(BeautifulSoup("", "html.parser")),
}
`,
      async (py) => {
        const { BeautifulSoup } = await py.import("bs4");
        const soup = await BeautifulSoup(PAGE, "html.parser");
        await setItem(soup.table, "id", "journeys");
        await soup.b.replace_with("tower");
        const link = await soup.new_tag("a", kw({ href: "/b?x=<>" }));
        await link.append("two & three");
        await soup.p.append(link);
        await soup.i.decompose();
        const bytes = Buffer.from("<p>Grüße</p>", "latin1");
        const latin = await BeautifulSoup(bytes, "html.parser", kw({ from_encoding: "latin-1" }));
        return {
          text: await str(soup.table),
          paragraph: await str(soup.p),
          latin: await latin.p.string,
          encoding: await latin.original_encoding,
          pretty: await soup.title.prettify(),
          empty: await str(BeautifulSoup("", "html.parser")),
        };
      },
    );

    test("tags are live objects, and a search that finds nothing is null", async () => {
      const { BeautifulSoup } = await bs4.py.import("bs4");
      const soup = await keep(BeautifulSoup(PAGE, "html.parser"));
      expect(typeOf(await soup.find("a"))).toBe("bs4.element.Tag");
      expect(await soup.find("video")).toBeNull();
      expect(await truth(soup.select("video"))).toBe(false);
    });

    test("errors of Beautiful Soup have their exceptions, and name the step", async () => {
      const { BeautifulSoup } = await bs4.py.import("bs4");
      const parser = await rejection(BeautifulSoup("<p>", "no-parser"));
      if (!isAmphisError(parser, "PYTHON_ERROR")) throw parser;
      expect(parser).toMatchObject({ type: "FeatureNotFound" });
      const soup = await BeautifulSoup("<p>", "html.parser");
      const none = await rejection(soup.find("video").get_text());
      expect(none).toMatchObject({ code: "PYTHON_ATTRIBUTE_MISSING", link: ".get_text()" });
      const selector = await rejection(soup.select("p["));
      expect(selector).toMatchObject({ type: "SelectorSyntaxError" });
      const key = await rejection(fetch(item(soup.p, "href")));
      expect(key).toMatchObject({ type: "KeyError" });
    });
  },
  { given: () => Promise.resolve({ page: PAGE }) },
);
