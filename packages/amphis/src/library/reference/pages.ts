import type {
  AliasModel,
  ClassModel,
  Doc,
  LibraryModel,
  Member,
  ModuleLink,
} from "../model/index.ts";
import { markup, joined, type Html, type Part } from "./markup.ts";
import { inline } from "./inline.ts";
import { pageText } from "./layout.ts";
import { anchorOf, isShown, linkFrom, type Place } from "./places.ts";
import {
  both,
  deprecation,
  printDoc,
  printEntry,
  printMember,
  pythonOf,
  signaturesOf,
  type Spot,
} from "./print-member.ts";
import type { Site } from "./site.ts";

/** A file of the site. */
export interface PageFile {
  readonly file: string;
  readonly text: string;
}

/** The page that the site begins with. */
export function projectPage(site: Site): PageFile {
  const rows = site.libraries.map((library) => {
    const summary = library.modules[0]?.doc?.summary;
    return markup`<li><a href="${site.places.indexOf(library)}"><code>${library.name}</code></a> ${library.version} ${summary === undefined ? "" : markup`<span class="said">${inline(summary, nowhere)}</span>`}</li>`;
  });
  const main = markup`<h1>Python libraries of this project</h1>
<p>Each name in Python and in TypeScript. Press <kbd>/</kbd> to search.</p>
<ul class="entries">${rows}</ul>`;
  return { file: "index.html", text: pageText({ file: "index.html", title: "Reference", main }) };
}

/** The page that a library begins with: what it is, and its modules. */
export function libraryPage(site: Site, library: LibraryModel): PageFile {
  const file = site.places.indexOf(library);
  const [top] = library.modules;
  const modules = library.modules.flatMap((module) => {
    const place = site.places.module(module.path);
    if (place === undefined) return [];
    const said = module.doc?.summary;
    return [
      markup`<li><a href="${linkFrom(file, place.file)}"><code>${module.path}</code></a> ${said === undefined ? "" : markup`<span class="said">${inline(said, nowhere)}</span>`}${failureOf(module.failure)}</li>`,
    ];
  });
  const summary = top?.doc?.summary;
  const of = library.distribution === undefined ? "" : `${library.distribution} `;
  const main = markup`<h1>${library.name}</h1>
<p class="said">${of}${library.version}, as Python ${library.python} has it</p>
${summary === undefined ? "" : markup`<p class="summary">${inline(summary, nowhere)}</p>`}
<h2>Modules</h2>
<ul class="entries">${modules}</ul>`;
  const title = `${library.name} reference`;
  return { file, text: pageText({ file, title, above: [[labelOf(library), file]], main }) };
}

/** The page of a module or of a class. */
export function placePage(site: Site, place: Place): PageFile {
  const { file, about, path } = place;
  const spot: Spot = { site, place };
  const members = sorted(about.members.filter(isShown));
  const main = joined([
    "kind" in about ? classHead(spot, about) : moduleHead(spot),
    printDoc(spot, path, about.doc, "kind" in about ? signaturesOf(about) : []),
    sections(spot, members),
  ]);
  const described = members.filter(isDescribed);
  const side =
    described.length < 2
      ? undefined
      : markup`<ul>${described.map(({ name }) => markup`<li><a href="#${anchorOf(`${path}.${name}`)}">${name}</a></li>`)}</ul>`;
  const text = pageText({ file, title: path, above: aboveOf(site, place), side, main });
  return { file, text };
}

function moduleHead({ site, place }: Spot): Html {
  const { path, module } = place;
  return markup`<h1>${path} <span class="mark">module</span></h1>
${deprecation({ site, place }, module.deprecated)}${failureOf(module.failure)}${both(`import ${path}`, `const ${path.split(".").at(-1)} = await py.import(${JSON.stringify(path)});`)}`;
}

function classHead(spot: Spot, model: ClassModel): Html {
  const { site, place } = spot;
  const bases = model.bases.flatMap((base) => (base.kind === "name" ? [base.path] : []));
  const links = bases.map((path) => {
    const href = site.href(place, path);
    const code = markup`<code>${path}</code>`;
    return href === undefined ? code : markup`<a href="${href}">${code}</a>`;
  });
  const marks = [model.nature, model.isAbstract === true ? "abstract" : undefined, "class"];
  return markup`<h1>${place.path} ${marks.map((mark) => (mark === undefined ? "" : markup`<span class="mark">${mark}</span> `))}</h1>
${deprecation(spot, model.deprecated)}${links.length === 0 ? "" : markup`<p>Bases: ${joined(links, ", ")}</p>`}
${both(pythonOf(model), site.typescript(place, place.path))}`;
}

const TITLES: readonly (readonly [title: string, kinds: ReadonlySet<Member["kind"]>])[] = [
  ["Functions", new Set(["function"])],
  ["Attributes", new Set(["property"])],
  ["Constants", new Set(["value"])],
  ["Types", new Set(["type"])],
];

function sections(spot: Spot, members: readonly Member[]): Html {
  const { site, place } = spot;
  const classes = members.filter((member) => member.kind === "class");
  const modules = members.filter((member): member is ModuleLink => member.kind === "module");
  const others = members.filter((member): member is AliasModel => member.kind === "alias");
  const title = "kind" in place.about ? "Methods" : "Functions";
  return joined([
    list(
      "Modules",
      modules.map(({ name, target }) => printEntry(spot, name, target, summaryAt(site, target))),
    ),
    list(
      "Classes",
      classes.map((one) => printEntry(spot, one.name, `${place.path}.${one.name}`, summaryOf(one))),
    ),
    ...TITLES.map(([name, kinds]) => {
      const found = members.filter(({ kind }) => kinds.has(kind));
      if (found.length === 0) return undefined;
      return markup`<h2>${name === "Functions" ? title : name}</h2>
${joined(
  found.map((member) => printMember(spot, member)),
  "\n",
)}`;
    }),
    list(
      "Other names",
      others.map(({ name, target }) =>
        printEntry(spot, name, target, markup`<span class="said">is ${target}</span>`),
      ),
    ),
  ]);
}

function list(title: string, entries: readonly Html[]): Part {
  if (entries.length === 0) return undefined;
  return markup`<h2>${title}</h2><ul class="entries">${entries}</ul>`;
}

function isDescribed({ kind }: Member): boolean {
  return TITLES.some(([, kinds]) => kinds.has(kind));
}

function summaryAt(site: Site, path: string): Part {
  const doc = site.places.module(path)?.module.doc;
  return said(doc);
}

function summaryOf(member: Member): Part {
  return said("doc" in member ? member.doc : undefined);
}

function said(doc: Doc | undefined): Part {
  if (doc?.summary === undefined) return undefined;
  return markup`<span class="said">${inline(doc.summary, nowhere)}</span>`;
}

function failureOf(failure: string | undefined): Part {
  if (failure === undefined) return undefined;
  return markup`<p class="deprecated">It could not be imported (${failure}); this is what its source says.</p>`;
}

/** Module after module, and the class around a class. */
function aboveOf(site: Site, { library, path, file }: Place): (readonly [string, string])[] {
  const above: (readonly [string, string])[] = [[labelOf(library), site.places.indexOf(library)]];
  const parts = path.split(".");
  for (let end = 1; end < parts.length; end += 1) {
    const outer = parts.slice(0, end).join(".");
    const place = site.places.module(outer) ?? site.places.class(outer);
    if (place?.library !== library) continue;
    above.push([parts[end - 1] ?? outer, place.file]);
  }
  return [...above, [parts.at(-1) ?? path, file]];
}

function labelOf({ name, version }: LibraryModel): string {
  return version === undefined ? name : `${name} ${version}`;
}

function sorted(members: readonly Member[]): Member[] {
  return members.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** A line in a list is a link already, or says too little for one. */
function nowhere(): undefined {
  return undefined;
}
