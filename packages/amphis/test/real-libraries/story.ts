import { execFileSync } from "node:child_process";

import { type ArrowTable, openPython, type Python, type PythonOptions } from "amphis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { plainPython, type PlainOutcome, PYTHON } from "./plain.ts";

/** What a story is told with. */
export interface Story {
  /** Python with the library loaded; for tests. */
  readonly py: Python;
  /**
   * A test that a program over Amphis gets what plain Python gets: `use` gives what `result` is at the end of the script. The scripts of
   * a story are run in one process.
   */
  same(claim: string, script: string, use: (py: Python) => Promise<unknown>): void;
}

/** What a story needs beyond its library. */
export interface StoryOptions {
  /** @default one worker that has the library loaded */
  readonly python?: PythonOptions;
  /** Names that scripts have, as JSON. @default none */
  readonly given?: () => Promise<Readonly<Record<string, unknown>>>;
}

/** Tests of a library that may not be installed: then they are one that is skipped. */
export function story(
  module: string,
  tell: (story: Story) => void,
  { python = {}, given }: StoryOptions = {},
): void {
  if (!isInstalled(module)) {
    test(`${module} is used through Amphis`, ({ skip }) => skip(`${module} is not installed`));
    return;
  }
  const scripts: string[] = [];
  let outcomes: readonly PlainOutcome[] = [];
  let opened: Python | undefined;
  const py = (): Python => {
    if (opened === undefined) throw new Error("Cannot use Python: it is not open yet");
    return opened;
  };
  describe(`the library ${module}`, () => {
    beforeAll(async () => {
      const names = await given?.();
      const opening = openPython({ config: false, workers: 1, packages: [module], ...python });
      [opened, outcomes] = await Promise.all([opening, plainPython(scripts, names)]);
    });
    afterAll(() => opened?.close());
    tell({
      get py() {
        return py();
      },
      same(claim, script, use) {
        const index = scripts.push(script) - 1;
        test(`${claim}`, async () => {
          const outcome = outcomes[index];
          if (outcome?.failure !== undefined) throw new Error(outcome.failure);
          expect(await use(py())).toEqual(outcome?.result);
        });
      },
    });
  });
}

function isInstalled(module: string): boolean {
  const script = "import importlib.util as u, sys; print(u.find_spec(sys.argv[1]) is not None)";
  return String(execFileSync(PYTHON, ["-c", script, module])).trim() === "True";
}

/** Integers as scripts give them: numbers where these are exact, at any depth of lists and objects. */
export function exact(value: unknown): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (Array.isArray(value)) return value.map(exact);
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, exact(each)]));
}

/** Columns of a table by name, with integers as scripts give them. */
export function columns(table: ArrowTable): Record<string, unknown> {
  const each = table.names.map((name) => [name, exact([...(table.getChild(String(name)) ?? [])])]);
  return Object.fromEntries(each) as Record<string, unknown>;
}
