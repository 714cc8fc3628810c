import { markup, type Html, type Part } from "./markup.ts";
import { linkFrom } from "./places.ts";

/** Files that every page uses, in the folder of the site. */
export const STYLE_FILE = "reference.css";
export const SCRIPT_FILE = "reference.js";
export const INDEX_FILE = "search-index.js";

export interface PageParts {
  readonly file: string;
  readonly title: string;
  /** What a page is in, outermost first, each with its file. */
  readonly above?: readonly (readonly [name: string, file: string])[];
  readonly side?: Part;
  readonly main: Part;
}

/**
 * A page as text. It needs no script: that adds search, and running examples where they can be run.
 *
 * Nothing is loaded but files of the site, whatever stands in the page.
 */
export function pageText({ file, title, above = [], side, main }: PageParts): string {
  const to = (target: string): string => linkFrom(file, target);
  const root = to("index.html").slice(0, -"index.html".length);
  const crumbs = above.map(
    ([name, target]) => markup`<li><a href="${to(target)}">${name}</a></li>`,
  );
  return String(markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${CONTENT_POLICY}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="stylesheet" href="${to(STYLE_FILE)}">
<script defer src="${to(SCRIPT_FILE)}" data-root="${root}" data-index="${to(INDEX_FILE)}"></script>
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header>
<nav aria-label="Breadcrumb"><ol class="crumbs"><li><a href="${to("index.html")}">Reference</a></li>${crumbs}</ol></nav>
<form role="search" hidden>
<label for="search">Search</label>
<input id="search" type="search" role="combobox" aria-expanded="false" aria-controls="hits" aria-autocomplete="list" autocomplete="off" spellcheck="false" placeholder="Name or words ( / )">
<ol id="hits" role="listbox" aria-label="Found" hidden></ol>
</form>
</header>
<div class="page">
${sideOf(side)}<main id="main" tabindex="-1">
${main}
</main>
</div>
</body>
</html>
`);
}

/** Only files of the site, and only as what they are. */
export const CONTENT_POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'";

function sideOf(side: Part): Html {
  return side === undefined
    ? markup``
    : markup`<nav class="side" aria-label="On this page">${side}</nav>
`;
}
