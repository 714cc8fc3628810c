import { cpus, release, totalmem, type } from "node:os";

/** What has to hold of a ratio: at most `max`, or at least `min`. */
type Target = { readonly max: number } | { readonly min: number };

interface Result {
  readonly question: string;
  readonly ratios: Readonly<Record<string, number>>;
  readonly targets: Readonly<Record<string, Target>>;
}

/** The machine in words, without its name. */
function machine(): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpu?.model.trim() ?? "unknown CPU"}, ${cpus().length} cores, ${memory} GiB, ${type()} ${release()}, Node ${process.versions.node}`;
}

/** Prints rows under their heads, numbers to the right. */
export function printTable(heads: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(" | ")} |`;
  process.stdout.write(
    `${line(heads)}\n| ${widths.map((width, column) => (column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |\n`,
  );
  for (const row of rows) process.stdout.write(`${line(row)}\n`);
}

/** Prints the line that closes every bench. */
export function printResult({ question, ratios, targets }: Result): void {
  const rounded = Object.fromEntries(
    Object.entries(ratios).map(([name, ratio]) => [name, Number(ratio.toPrecision(3))]),
  );
  process.stdout.write(
    `${JSON.stringify({ question, machine: machine(), ratios: rounded, targets })}\n`,
  );
}
