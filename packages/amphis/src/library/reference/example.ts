import type { Doc } from "../model/index.ts";

/** One statement of an example, as Python's prompt takes it. */
export interface ExampleStep {
  readonly source: string;
  /** Whether the docstring says that it is not to be run. */
  readonly isSkipped: boolean;
  /** Whether it is there to show an error. */
  readonly isError: boolean;
}

/** The statements of one docstring, which follow each other in one session. */
export interface Example {
  /** Where on the site it is: no two have the same. */
  readonly id: string;
  readonly library: string;
  /** The module that it is about. */
  readonly module: string;
  /** Names of that module which it uses without importing them. */
  readonly names: readonly string[];
  readonly steps: readonly ExampleStep[];
}

const MOST_STEPS = 200;
const MOST_CHARACTERS = 32_000;

const PROMPT = /^( *)>>>(?: (.*))?$/u;
const MORE = /^ *\.\.\.(?: (.*))?$/u;
const SKIPPED = /#\s*doctest:[^\n]{0,200}\+SKIP/u;

/** Libraries whose documentation takes it for granted that they were imported under a short name. */
const USUAL_NAMES: Readonly<Record<string, string>> = {
  nx: "networkx",
  np: "numpy",
  pa: "pyarrow",
  pd: "pandas",
  pl: "polars",
};

/** The statements in a docstring; none where it has none, or more than anybody follows. */
export function stepsOf(doc: Doc | undefined): readonly ExampleStep[] {
  const examples = doc?.examples;
  const text = examples?.includes(">>>") === true ? examples : (doc?.text ?? "");
  if (!text.includes(">>>")) return [];
  const steps = [...parse(text.split("\n"))];
  const characters = steps.reduce((sum, { source }) => sum + source.length, 0);
  if (steps.length > MOST_STEPS || characters > MOST_CHARACTERS) return [];
  return [...usualImports(steps), ...steps];
}

/** Which of the names of a module some steps may use. */
export function namesIn(steps: readonly ExampleStep[], known: ReadonlySet<string>): string[] {
  const used = new Set<string>();
  for (const { source } of steps) {
    for (const [name] of source.matchAll(/(?<![\w.])[A-Za-z_]\w*/gu)) {
      if (known.has(name)) used.add(name);
    }
  }
  return [...used].toSorted();
}

function* parse(lines: readonly string[]): Generator<ExampleStep> {
  for (let at = 0; at < lines.length; at += 1) {
    const prompt = PROMPT.exec(lines[at] ?? "");
    if (prompt === null) continue;
    const source = [prompt[2] ?? ""];
    for (let more = MORE.exec(lines[at + 1] ?? ""); more !== null;) {
      source.push(more[1] ?? "");
      at += 1;
      more = MORE.exec(lines[at + 1] ?? "");
    }
    const text = source.join("\n").trimEnd();
    if (text.trim() === "") continue;
    const isError = (lines[at + 1] ?? "").trimStart().startsWith("Traceback (most recent");
    yield { source: text, isSkipped: SKIPPED.test(text), isError };
  }
}

function usualImports(steps: readonly ExampleStep[]): ExampleStep[] {
  const text = steps.map(({ source }) => source).join("\n");
  const used = new Set([...text.matchAll(/(?<![\w.])[a-z]{2}(?=\.)/gu)].map(([name]) => name));
  const bound = new Set(
    [...text.matchAll(/(?<![\w.])([a-z]{2}) *=|as ([a-z]{2})\b/gu)].map(([, a, b]) => a ?? b),
  );
  return [...used].flatMap((name) => {
    const library = Object.hasOwn(USUAL_NAMES, name) ? USUAL_NAMES[name] : undefined;
    if (library === undefined || bound.has(name)) return [];
    return [{ source: `import ${library} as ${name}`, isSkipped: false, isError: false }];
  });
}
