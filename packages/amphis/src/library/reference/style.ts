/** How the site looks: the fonts of the system, light or dark as the reader has it, narrow and wide. */
export const STYLE = `:root {
  color-scheme: light dark;
  --text: #1c2128;
  --faint: #57606a;
  --back: #ffffff;
  --panel: #f6f8fa;
  --line: #d0d7de;
  --link: #0550ae;
  --warn: #7d4e00;
  --warn-back: #fff8e1;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --text: #e6edf3;
    --faint: #9da7b3;
    --back: #0d1117;
    --panel: #161b22;
    --line: #30363d;
    --link: #79b8ff;
    --warn: #f2cc60;
    --warn-back: #272115;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body {
  margin: 0;
  color: var(--text);
  background: var(--back);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  overflow-wrap: anywhere;
}
a { color: var(--link); text-underline-offset: 0.15em; }
a:not(:hover) { text-decoration-thickness: 1px; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
main:focus { outline: none; }
code, pre, kbd { font-family: var(--mono); font-size: 0.875em; }
:not(pre, a) > code { background: var(--panel); padding: 0.1em 0.3em; border-radius: 4px; }
pre {
  margin: 0.6rem 0;
  padding: 0.7rem 0.9rem;
  background: var(--panel);
  border: 1px solid var(--line);
  border-radius: 6px;
  overflow: auto;
  max-height: 28rem;
  line-height: 1.45;
  overflow-wrap: normal;
}
.skip { position: absolute; left: -999px; }
.skip:focus { left: 1rem; top: 0.5rem; background: var(--back); padding: 0.4rem; z-index: 3; }
header {
  position: sticky;
  top: 0;
  z-index: 2;
  display: flex;
  flex-wrap: wrap;
  gap: 0.5rem 1.5rem;
  align-items: center;
  justify-content: space-between;
  padding: 0.6rem 1.5rem;
  background: var(--back);
  border-bottom: 1px solid var(--line);
}
.crumbs { display: flex; flex-wrap: wrap; list-style: none; margin: 0; padding: 0; }
.crumbs li + li::before { content: "/"; padding: 0 0.45rem; color: var(--faint); }
form[role="search"] { position: relative; display: flex; gap: 0.5rem; align-items: center; flex: 0 1 26rem; }
form[role="search"] label { color: var(--faint); font-size: 0.9rem; }
#search {
  flex: 1;
  min-width: 0;
  font: inherit;
  color: inherit;
  background: var(--panel);
  border: 1px solid var(--line);
  border-radius: 6px;
  padding: 0.3rem 0.6rem;
}
#search::placeholder { color: var(--faint); opacity: 1; }
#hits {
  position: absolute;
  top: 100%;
  right: 0;
  width: min(42rem, calc(100vw - 2rem));
  max-height: 70vh;
  overflow: auto;
  margin: 0.3rem 0 0;
  padding: 0.3rem;
  list-style: none;
  background: var(--back);
  border: 1px solid var(--line);
  border-radius: 6px;
  box-shadow: 0 8px 24px rgb(0 0 0 / 25%);
}
#hits a { display: block; padding: 0.35rem 0.6rem; border-radius: 4px; color: inherit; text-decoration: none; }
#hits [aria-selected="true"] a, #hits a:hover { background: var(--panel); box-shadow: inset 3px 0 var(--link); }
#hits span { margin-left: 0.6rem; color: var(--faint); font-size: 0.8rem; }
#hits small { display: block; color: var(--faint); white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
#hits .nothing { padding: 0.4rem 0.6rem; color: var(--faint); }
.page { display: flex; gap: 2rem; max-width: 86rem; margin: 0 auto; padding: 1rem 1.5rem 4rem; }
main { flex: 1; min-width: 0; }
.side { flex: 0 0 13rem; font-size: 0.875rem; }
.side ul {
  position: sticky;
  top: 4rem;
  max-height: calc(100vh - 5rem);
  overflow: auto;
  margin: 0;
  padding: 0;
  list-style: none;
}
.side a { display: block; padding: 0.1rem 0; color: var(--faint); text-decoration: none; }
.side a:hover { color: var(--link); text-decoration: underline; }
h1 { font-size: 1.7rem; margin: 0.5rem 0 1rem; }
h2 { font-size: 1.3rem; margin: 2.5rem 0 0.8rem; padding-bottom: 0.3rem; border-bottom: 1px solid var(--line); }
h3 { font: 600 1.1rem var(--mono); margin: 0 0 0.5rem; }
h4 { font-size: 1rem; margin: 1.2rem 0 0.3rem; }
.anchor { color: inherit; text-decoration: none; }
.anchor:hover { text-decoration: underline; }
.mark {
  font: 500 0.75rem system-ui, sans-serif;
  color: var(--faint);
  border: 1px solid var(--line);
  border-radius: 999px;
  padding: 0.1rem 0.55rem;
  vertical-align: middle;
}
.member { padding: 1.3rem 0; border-bottom: 1px solid var(--line); scroll-margin-top: 4rem; content-visibility: auto; contain-intrinsic-size: auto 40rem; }
.sides { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1rem; }
figure { margin: 0; min-width: 0; }
figcaption { color: var(--faint); font-size: 0.8rem; margin-top: 0.4rem; }
figure pre { margin-top: 0.2rem; max-height: 18rem; }
.summary { font-size: 1.05rem; }
.said, .more { color: var(--faint); }
.entries { list-style: none; padding: 0; }
.entries li { padding: 0.25rem 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.925rem; }
th, td { text-align: left; vertical-align: top; padding: 0.4rem 0.7rem; border: 1px solid var(--line); }
thead th { background: var(--panel); }
.parameters { width: 100%; overflow-wrap: normal; }
.parameters td:last-child { min-width: 14rem; overflow-wrap: anywhere; }
td > p:first-child, dd > p:first-child, li > p:first-child { margin-top: 0; }
td > p:last-child, dd > p:last-child, li > p:last-child { margin-bottom: 0; }
dt { font-weight: 600; margin-top: 0.4rem; }
dd { margin: 0 0 0 1.5rem; }
.indented { margin-left: 1.5rem; }
.note, .change, .deprecated { padding: 0.5rem 0.9rem; margin: 0.7rem 0; border-left: 4px solid var(--line); background: var(--panel); }
.note > strong:first-child { text-transform: capitalize; }
.deprecated { border-color: var(--warn); background: var(--warn-back); color: var(--warn); }
button {
  font: inherit;
  font-size: 0.9rem;
  color: var(--text);
  background: var(--panel);
  border: 1px solid var(--line);
  border-radius: 6px;
  padding: 0.3rem 0.9rem;
  cursor: pointer;
}
button:disabled { cursor: progress; opacity: 0.6; }
.output { border-left: 4px solid var(--link); }
@media (max-width: 60rem) {
  .page { display: block; padding: 0.5rem 1rem 3rem; }
  .side { display: none; }
  header { position: static; padding: 0.6rem 1rem; }
  form[role="search"] { flex: 1 1 100%; }
}
@media (max-width: 44rem) {
  .sides { grid-template-columns: minmax(0, 1fr); gap: 0; }
}
@media print {
  .side, form[role="search"], button { display: none; }
  pre { max-height: none; white-space: pre-wrap; }
}
`;
