import type { Doc, Parameter } from "../model/index.ts";
import { parameterName } from "./names.ts";

const LONGEST_SUMMARY = 400;
const LONGEST_PARAMETER = 160;
const WIDTH = 100;

/** What a comment says of a function, class, module or attribute. */
export interface Comment {
  readonly doc?: Doc | undefined;
  readonly deprecated?: string | undefined;
  /** Of which something is said one by one. */
  readonly parameters?: readonly Parameter[] | undefined;
  readonly link?: string | undefined;
  readonly note?: string | undefined;
}

/** A comment for editors, indented; empty where there is nothing to say. */
export function printComment(comment: Comment, indent: string): string {
  const { doc, deprecated, parameters = [], link, note } = comment;
  const lines: string[] = [];
  if (doc?.summary !== undefined) lines.push(...wrap(cut(doc.summary, LONGEST_SUMMARY)));
  if (note !== undefined) lines.push(...wrap(note));
  for (const { name } of parameters) {
    const text = doc?.parameters?.find((one) => bare(one.name) === name)?.text;
    if (text !== undefined && text !== "") {
      lines.push(...wrap(`@param ${parameterName(name)} - ${first(text)}`));
    }
  }
  if (doc?.returns !== undefined && parameters.length > 0) {
    lines.push(...wrap(`@returns ${first(doc.returns)}`));
  }
  if (deprecated !== undefined) lines.push(...wrap(`@deprecated ${first(deprecated)}`));
  if (link !== undefined) lines.push(`@see ${link}`);
  if (lines.length === 0) return "";
  const [only] = lines;
  if (lines.length === 1 && only !== undefined) return `${indent}/** ${only} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join("\n")}\n${indent} */\n`;
}

/** What a docstring says of a parameter, for where that is a property. */
export function parameterDoc(doc: Doc | undefined, name: string): Doc | undefined {
  const text = doc?.parameters?.find((one) => bare(one.name) === name)?.text;
  return text === undefined || text === "" ? undefined : { summary: first(text) };
}

function bare(name: string): string {
  return name.replace(/^\*+/u, "");
}

/** The first sentence, in one line. */
function first(text: string): string {
  const plain = text.replaceAll(/\s+/gu, " ").trim();
  const end = /[.!?] (?=[\p{Lu}`])/u.exec(plain);
  return cut(end === null ? plain : plain.slice(0, end.index + 1), LONGEST_PARAMETER);
}

function cut(text: string, most: number): string {
  const plain = text.replaceAll(/\s+/gu, " ").trim();
  if (plain.length <= most) return plain;
  const end = plain.lastIndexOf(" ", most);
  return `${plain.slice(0, end > 0 ? end : most)} ...`;
}

/** Nothing in a comment ends it, or is one of its tags by accident. */
function wrap(text: string): string[] {
  const safe = text.replaceAll("*/", "*\u2060/");
  const isTag = /^@(?:param|returns|deprecated)\b/u.test(safe);
  const words = (isTag ? safe : safe.replaceAll(/(^|\s)@(?=\w)/gu, "$1\\@")).split(" ");
  const lines: string[] = [];
  let line = "";
  for (const word of words) {
    if (line !== "" && line.length + word.length + 1 > WIDTH) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((one, index) => (index > 0 ? one.replace(/^@/u, "\\@") : one));
}
