import { createRequire } from "node:module";

import type * as Jiti from "jiti";

import { Lines } from "./places.ts";
import { UnreadableText } from "./unreadable-text.ts";

/** Required: Node reads a CommonJS file that is imported twice more, for the names that it exports. */
const { createJiti } = createRequire(import.meta.url)("jiti") as typeof Jiti;

/**
 * Runs a module of TypeScript or JavaScript, anew each time, and gives what it exports by default.
 *
 * @throws {UnreadableText} when it cannot be run, with the place when that is in this file
 */
export async function runScript(file: string, text: string): Promise<unknown> {
  const jiti = createJiti(file, {
    // What others could have put into a temporary folder is not run.
    fsCache: false,
    moduleCache: false,
    interopDefault: false,
    // It has been loaded already, and is to stay one.
    nativeModules: ["amphis", "@amphis/protocol"],
  });
  let exported: unknown;
  try {
    // The text that was read, and not what may stand in the file by now.
    exported = await jiti.evalModule(text, { filename: file, async: true, forceTranspile: true });
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    const found = said.split("\n")[0]?.trim() ?? "";
    const offset = placeOf(cause, file, text);
    throw new UnreadableText("a module that can be run", found, offset, { cause });
  }
  if (typeof exported === "object" && exported !== null) {
    if ("default" in exported) return exported.default;
    if (/\bmodule\s*\.\s*exports\b/u.test(text)) return exported;
  }
  throw new UnreadableText("export default defineConfig({ ... })", "no default export");
}

/** Where it failed, in this file. */
function placeOf(cause: unknown, file: string, text: string): number | undefined {
  if (!(cause instanceof Error)) return undefined;
  const parsed = placeIn(cause.message, file);
  const [line, column] = parsed ?? placeIn(cause.stack ?? "", file) ?? [];
  if (line === undefined || column === undefined) return undefined;
  const lines = new Lines(text);
  // Where it ran is told of what was made of the text: only the line is the same.
  const indent = Math.max(0, lines.line(line).search(/\S/u));
  return lines.offset({ line, column: 1 + (parsed === undefined ? indent : column) });
}

function placeIn(said: string, file: string): readonly [line: number, column: number] | undefined {
  const from = said.indexOf(`${file}:`);
  const [, line, column] = /^:(\d+):(\d+)/u.exec(said.slice(from + file.length)) ?? [];
  return from === -1 || line === undefined ? undefined : [Number(line), Number(column)];
}
