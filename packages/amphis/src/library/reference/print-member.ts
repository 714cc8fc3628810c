import type {
  ClassModel,
  Doc,
  FunctionModel,
  Member,
  Parameter,
  Signature,
} from "../model/index.ts";
import { documentationOf } from "../types/links.ts";
import { blocks } from "./blocks.ts";
import type { Example } from "./example.ts";
import { markup, type Html, joined, type Part } from "./markup.ts";
import { inline } from "./inline.ts";
import { anchorOf, type Place } from "./places.ts";
import { pythonSignature, pythonType } from "./python-text.ts";
import type { Site } from "./site.ts";

/** Where something is printed: the page, and how names in its text are found. */
export interface Spot {
  readonly site: Site;
  readonly place: Place;
}

/** One function, attribute, constant or type, with all that is known of it. */
export function printMember(spot: Spot, member: Member): Html {
  const path = `${spot.place.path}.${member.name}`;
  const deprecated = "deprecated" in member ? member.deprecated : undefined;
  const doc = "doc" in member ? member.doc : undefined;
  return markup`<section class="member" id="${anchorOf(path)}">
<h3><a class="anchor" href="#${anchorOf(path)}">${member.name}</a> ${marks(member)}</h3>
${deprecation(spot, deprecated)}${both(pythonOf(member), spot.site.typescript(spot.place, path))}${printDoc(spot, path, doc, signaturesOf(member))}
</section>`;
}

/** A short line for what is described elsewhere. */
export function printEntry(spot: Spot, name: string, target: string, said: Part): Html {
  const href = spot.site.href(spot.place, target);
  const label = markup`<code>${name}</code>`;
  return markup`<li>${href === undefined ? label : markup`<a href="${href}">${label}</a>`} ${said}</li>`;
}

/** Both languages, side by side. */
export function both(python: string, typescript: string | undefined): Html {
  const right = typescript ?? "// it has no name in TypeScript";
  return markup`<div class="sides">${side("Python", python)}${side("TypeScript", right)}</div>
`;
}

function side(language: string, text: string): Html {
  return markup`<figure><figcaption>${language}</figcaption><pre tabindex="0" aria-label="${language}"><code>${text}</code></pre></figure>`;
}

/** The docs of something: text, parameters, what it gives and raises, its example, and where to read more. */
export function printDoc(
  spot: Spot,
  path: string,
  doc: Doc | undefined,
  signatures: readonly Signature[],
): Html {
  const { site, place } = spot;
  const resolve = site.resolver(place);
  const more = documentationOf(place.library, path, place.module.path);
  const text = (title: string, said: string | undefined): Part =>
    said === undefined ? undefined : markup`<h4>${title}</h4>${blocks(said, resolve)}`;
  const example = site.example(place, path);
  return joined([
    doc?.summary === undefined
      ? undefined
      : markup`<p class="summary">${inline(doc.summary, resolve)}</p>`,
    printParameters(spot, doc, signatures),
    text("Returns", doc?.returns),
    text("Yields", doc?.yields),
    printRaises(spot, doc),
    doc?.text === undefined ? undefined : blocks(doc.text, resolve),
    text("Examples", doc?.examples),
    example === undefined ? undefined : printExample(site, example),
    more === undefined
      ? undefined
      : markup`<p class="more"><a href="${more}" rel="noopener noreferrer">Documentation of ${place.library.name}</a></p>`,
  ]);
}

export function deprecation(spot: Spot, text: string | undefined): Part {
  if (text === undefined) return undefined;
  const said = inline(text, spot.site.resolver(spot.place));
  return markup`<p class="deprecated"><strong>Deprecated.</strong> ${said}</p>`;
}

function printExample(site: Site, example: Example): Html {
  const translated = site.translation(example);
  const head = markup`<div class="example" data-example="${example.id}">`;
  if (translated === undefined) return markup`${head}</div>`;
  const rest = translated.isWhole ? "" : "// what follows has no exact counterpart\n";
  return markup`${head}${side("Example in TypeScript", translated.code + rest)}</div>`;
}

function printRaises({ site, place }: Spot, doc: Doc | undefined): Part {
  const raises = doc?.raises ?? [];
  if (raises.length === 0) return undefined;
  const resolve = site.resolver(place);
  const items = raises.map(
    ({ type, text }) => markup`<dt><code>${type}</code></dt><dd>${blocks(text, resolve)}</dd>`,
  );
  return markup`<h4>Raises</h4><dl>${items}</dl>`;
}

/** Parameters of all overloads, each once, with what the docstring says of them. */
function printParameters(spot: Spot, doc: Doc | undefined, signatures: readonly Signature[]): Part {
  const rows = rowsOf(doc, signatures);
  if (rows.length === 0) return undefined;
  const resolve = spot.site.resolver(spot.place);
  const cells = rows.map(
    ({ name, types, mark, otherwise, text }) => markup`<tr><th scope="row"><code>${name}</code></th>
<td>${types.map((type, at) => markup`${at > 0 ? markup`<br>` : ""}<code>${type}</code>`)}</td>
<td>${mark}${otherwise === undefined ? "" : markup` <code>${otherwise}</code>`}</td>
<td>${text === undefined ? "" : blocks(text, resolve)}</td></tr>`,
  );
  return markup`<div class="wide"><table class="parameters">
<thead><tr><th scope="col">Parameter</th><th scope="col">Type</th><th scope="col">Default</th><th scope="col">Meaning</th></tr></thead>
<tbody>${cells}</tbody></table></div>`;
}

interface Row {
  readonly name: string;
  readonly types: readonly string[];
  readonly mark: string;
  readonly otherwise?: string | undefined;
  readonly text?: string | undefined;
}

const MOST_TYPES = 6;

function rowsOf(doc: Doc | undefined, signatures: readonly Signature[]): Row[] {
  const said = new Map(
    (doc?.parameters ?? []).map((one) => [one.name.replace(/^\*+/u, ""), one] as const),
  );
  const byName = new Map<string, Parameter[]>();
  for (const { parameters } of signatures) {
    for (const one of parameters) byName.set(one.name, [...(byName.get(one.name) ?? []), one]);
  }
  const rows = [...byName].map(([name, all]): Row => {
    const typed = all.flatMap(({ type }) => (type === undefined ? [] : [pythonType(type)]));
    const types = [...new Set(typed)];
    const wording = said.get(name);
    const [first] = all;
    const isRequired = all.every(({ isOptional }) => !isOptional) && !isRest(first);
    said.delete(name);
    return {
      name: `${starsOf(first)}${name}`,
      types:
        types.length > 0 ? shortened(types) : wording?.type === undefined ? [] : [wording.type],
      mark: isRequired ? "required" : "optional",
      otherwise: all.find((one) => one.default !== undefined)?.default,
      text: wording?.text,
    };
  });
  // What only the docstring knows, such as names that `**kwargs` takes.
  for (const { name, type, text } of said.values()) {
    rows.push({ name, types: type === undefined ? [] : [type], mark: "", text });
  }
  return rows;
}

function shortened(types: readonly string[]): readonly string[] {
  return types.length <= MOST_TYPES ? types : [...types.slice(0, MOST_TYPES), "…"];
}

function isRest(parameter: Parameter | undefined): boolean {
  return parameter?.kind === "rest" || parameter?.kind === "keywords";
}

function starsOf(parameter: Parameter | undefined): string {
  if (parameter?.kind === "rest") return "*";
  return parameter?.kind === "keywords" ? "**" : "";
}

/** How something is called: what is declared, and what Python itself says where nothing is. */
export function signaturesOf(member: Member): readonly Signature[] {
  if (member.kind !== "function" && member.kind !== "class") return [];
  const { runtime }: FunctionModel | ClassModel = member;
  const declared = member.kind === "class" ? member.constructors : member.signatures;
  return declared.length > 0 || runtime === undefined ? declared : [runtime];
}

/** How Python writes it. */
export function pythonOf(member: Member): string {
  switch (member.kind) {
    case "function": {
      const texts = signaturesOf(member).map((one) => pythonSignature(member.name, one));
      const prefix = member.isAsync ? "async " : "";
      const all = [...new Set(texts)].map((text) => `${prefix}${text}`);
      return all.length > 0 ? all.join("\n") : `${member.name}(...)`;
    }
    case "class":
      return classText(member);
    case "property":
    case "value": {
      const type = member.type === undefined ? "" : `: ${pythonType(member.type)}`;
      const value =
        member.kind === "value" && member.value !== undefined ? ` = ${member.value}` : "";
      return `${member.name}${type}${value}`;
    }
    case "type":
      return `${member.name} = ${pythonType(member.target)}`;
    case "module":
    case "alias":
      return member.target;
  }
}

function classText(model: ClassModel): string {
  const bases = model.bases.length === 0 ? "" : `(${model.bases.map(pythonType).join(", ")})`;
  const made = signaturesOf(model).map((one) => pythonSignature(model.name, one));
  return [`class ${model.name}${bases}`, ...new Set(made)].join("\n");
}

function marks(member: Member): readonly Part[] {
  const words: string[] = [
    member.kind === "property" && !member.isReadonly ? "attribute" : member.kind,
  ];
  if (member.kind === "function") {
    if (member.isAsync || member.isAsyncGenerator) words.push("async");
    if (member.isGenerator || member.isAsyncGenerator) words.push("generator");
    if (member.binding === "class") words.push("class method");
    if (member.binding === "static") words.push("static method");
    if (member.signatures.length > 1) words.push(`${member.signatures.length} overloads`);
  }
  return words.map((word) => markup`<span class="mark">${word}</span> `);
}
