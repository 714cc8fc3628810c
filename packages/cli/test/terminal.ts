import type { Terminal } from "../src/index.ts";
import { run } from "../src/index.ts";

/** What a command came to. */
export interface Ran {
  readonly status: number;
  readonly written: string;
  readonly told: string;
}

/** Runs a command, and keeps what it says. */
export async function ran(...args: readonly string[]): Promise<Ran> {
  let written = "";
  let told = "";
  const terminal: Terminal = {
    write: (text) => void (written += text),
    tell: (text) => void (told += text),
    isColourful: false,
  };
  const status = await run(args, terminal);
  return { status, written, told };
}
