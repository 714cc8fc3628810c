import {
  type ClassModel,
  type Doc,
  findMember,
  type FoundMember,
  type FunctionModel,
  type LibraryModel,
  membersOf,
  nearMembers,
  type Signature,
  signatureText,
  typeText,
} from "amphis/library";

import type { HelpFlags } from "../flags.ts";
import { Project } from "../project.ts";
import type { Place } from "../places.ts";
import { json, styled, table, type Terminal } from "../terminal.ts";

/** `amphis help numpy.linalg.norm`: what it is in both languages. @returns the exit status */
export async function help(
  name: string,
  { python, environment, json: asJson = false }: HelpFlags,
  terminal: Terminal,
): Promise<number> {
  const project = await Project.open("show help", { python, environment }, terminal);
  const { place, rest } = project.placed(name.replace(":", "."));
  const path = place.module + rest;
  const [model] = await project.describe([topOf(place)]);
  if (model === undefined) return 1;
  const found = findMember(model, path);
  if (found === undefined) return tellMissing(model, path, terminal);
  const about = aboutOf(model, found);
  terminal.write(asJson ? json(about) : textOf(about, terminal));
  return 0;
}

/** A library is described as a whole. */
function topOf(place: Place): Place {
  return { ...place, module: place.module.split(".", 1)[0] ?? place.module };
}

function tellMissing(model: LibraryModel, path: string, terminal: Terminal): number {
  const near = nearMembers(model, path);
  const hint = near.length > 0 ? `; did you mean ${near.join(", ")}?` : "";
  const of = [model.name, model.version].filter((part) => part !== undefined).join(" ");
  terminal.tell(`${styled(terminal, "red", "error")} ${of} has no ${path}${hint}\n`);
  return 1;
}

/** What is known of a name, as it is shown and as JSON. */
interface About {
  readonly path: string;
  readonly kind: string;
  readonly library: string;
  readonly version?: string | undefined;
  readonly python: readonly string[];
  readonly typescript?: string | undefined;
  readonly deprecated?: string | undefined;
  readonly doc?: Doc | undefined;
  readonly members?: readonly string[] | undefined;
}

function aboutOf(model: LibraryModel, found: FoundMember): About {
  const { name: library, version } = model;
  const members = membersOf(model, found.path)
    .map(({ name }) => name)
    .filter((name) => !name.startsWith("_"));
  const base = {
    path: found.path,
    library,
    version,
    members: members.length > 0 ? members : undefined,
  };
  if (found.kind === "module") {
    const { doc, deprecated } = found.module;
    return { ...base, kind: "module", python: [`import ${found.path}`], doc, deprecated };
  }
  const { member } = found;
  return {
    ...base,
    kind: member.kind,
    python: signaturesOf(member).map((one) => `${found.path}${signatureText(one)}`),
    // A whole class is too much to read; its file has it.
    typescript: member.kind === "class" ? undefined : typeText(model, found.path),
    deprecated: "deprecated" in member ? member.deprecated : undefined,
    doc: "doc" in member ? member.doc : undefined,
  };
}

function signaturesOf(
  member: Extract<FoundMember, { readonly kind: "member" }>["member"],
): readonly Signature[] {
  if (member.kind !== "function" && member.kind !== "class") return [];
  const { runtime }: FunctionModel | ClassModel = member;
  if (runtime !== undefined) return [runtime];
  return member.kind === "class" ? member.constructors : member.signatures;
}

function textOf(about: About, terminal: Terminal): string {
  const { path, kind, library, version = "", python, typescript, deprecated, doc, members } = about;
  const bold = (text: string): string => styled(terminal, "bold", text);
  const parts = [
    `${bold(path)}  ${styled(terminal, "dim", `${kind} of ${library} ${version}`.trim())}\n`,
  ];
  if (deprecated !== undefined) {
    parts.push(`${styled(terminal, "yellow", "deprecated")} ${deprecated}\n`);
  }
  if (doc?.summary !== undefined) parts.push(`${doc.summary}\n`);
  if (python.length > 0) {
    parts.push(`${bold("Python")}\n${indent([...new Set(python)].join("\n"))}\n`);
  }
  if (typescript !== undefined) parts.push(`${bold("TypeScript")}\n${indent(typescript.trim())}\n`);
  if (doc?.parameters !== undefined && doc.parameters.length > 0) {
    const rows = doc.parameters.map(({ name, type = "", text }) => {
      const said = `${type === "" ? "" : `${type}. `}${text}`.replaceAll(/\s+/gu, " ").trim();
      return [`  ${name}`, said];
    });
    parts.push(`${bold("Parameters")}\n${table(rows)}`);
  }
  if (doc?.returns !== undefined) parts.push(`${bold("Returns")}\n${indent(doc.returns)}\n`);
  for (const { type, text } of doc?.raises ?? []) parts.push(`${bold("Raises")} ${type} ${text}\n`);
  if (doc?.text !== undefined) parts.push(`${doc.text}\n`);
  if (doc?.examples !== undefined) {
    parts.push(`${bold("Examples (Python)")}\n${indent(doc.examples)}\n`);
  }
  if (members !== undefined) parts.push(`${bold("Has")}\n${indent(members.join("  "))}\n`);
  return parts.join("\n");
}

function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gmu, "  ");
}
