import { fetch, isPython, kw, openPython, repr } from "amphis";

import type { CallFlags } from "../flags.ts";
import { json, type Terminal } from "../terminal.ts";

/** `amphis call numpy.linalg:norm '[[3, 4]]'`: the result as JSON; of what is no value, what Python shows. */
export async function call(
  name: string,
  given: string,
  { python, keywords, timeout }: CallFlags,
  terminal: Terminal,
): Promise<void> {
  const args = parsed(given, "arguments", "a JSON array, such as '[[3, 4]]'");
  if (!Array.isArray(args)) {
    throw new TypeError("Cannot call: arguments must be a JSON array, such as '[[3, 4]]'");
  }
  const named = keywords === undefined ? {} : parsed(keywords, "--keywords", "a JSON object");
  if (typeof named !== "object" || named === null || Array.isArray(named)) {
    throw new TypeError(`Cannot call: --keywords must be a JSON object, such as '{"axis": 1}'`);
  }
  const timeoutMs = timeout === undefined ? undefined : Number(timeout);
  await using py = await openPython({ workers: 1, ...(python === undefined ? {} : { python }) });
  const result = await py.call(name, args, kw({ ...named }), { timeoutMs });
  if (!isPython(result)) {
    terminal.write(json(plain(result)));
    return;
  }
  const value = await fetch(result).catch(() => undefined);
  terminal.write(value === undefined ? `${await repr(result)}\n` : json(plain(value)));
}

function parsed(text: string, what: string, expected: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new TypeError(`Cannot call: ${what} must be ${expected}; ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** Arrays and tables as nested arrays and rows. */
function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("toNested" in value && typeof value.toNested === "function") {
    return value.toNested() as unknown;
  }
  if ("numRows" in value && "toArray" in value && typeof value.toArray === "function") {
    return value.toArray() as unknown;
  }
  return value;
}
