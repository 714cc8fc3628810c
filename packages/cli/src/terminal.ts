import { styleText } from "node:util";

/** Where commands write. */
export interface Terminal {
  /** What was asked for: standard output. */
  readonly write: (text: string) => void;
  /** How it goes, and what went wrong: standard error. */
  readonly tell: (text: string) => void;
  /** Whether people see colours in what is written. */
  readonly isColourful: boolean;
}

export const PROCESS_TERMINAL: Terminal = {
  write: (text) => void process.stdout.write(text),
  tell: (text) => void process.stderr.write(text),
  isColourful: process.stdout.isTTY === true && (process.env["NO_COLOR"] ?? "") === "",
};

type Style = "bold" | "cyan" | "dim" | "green" | "red" | "yellow";

/** Text that stands out where colours are seen. */
export function styled(terminal: Terminal, style: Style, text: string): string {
  return terminal.isColourful ? styleText(style, text) : text;
}

/** Columns of equal width, but for the last. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, cell.length);
  }
  return rows
    .map((row) =>
      row.map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0))),
    )
    .map((cells) => `${cells.join("  ").trimEnd()}\n`)
    .join("");
}

/** For programs: sorted as it was made, one value, a line at the end. */
export function json(value: unknown): string {
  return `${JSON.stringify(value, plain, 2)}\n`;
}

/** JSON knows no large integers, maps, sets or bytes. */
function plain(_: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Map) return [...value];
  if (value instanceof Set) return [...value];
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    return Array.from(value as unknown as ArrayLike<unknown>);
  }
  return value;
}
