import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The interpreter that tests use, without Amphis. */
export const PYTHON: string = process.env["AMPHIS_PYTHON"] ?? "python3";
const RUNNER = fileURLToPath(new URL("plain.py", import.meta.url));

/** What a script came to: one of both. */
export interface PlainOutcome {
  readonly result?: unknown;
  /** The traceback. */
  readonly failure?: string;
}

/** Runs scripts in one process of Python that knows nothing of Amphis; gives what `result` is at the end of each. */
export function plainPython(
  scripts: readonly string[],
  given: Readonly<Record<string, unknown>> = {},
): Promise<readonly PlainOutcome[]> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, MPLBACKEND: "agg", NO_PROXY: "*" };
    const options = { maxBuffer: 1 << 26, env };
    const child = execFile(PYTHON, [RUNNER], options, (error, stdout) => {
      if (error !== null) reject(error);
      else resolve(JSON.parse(stdout, revive) as readonly PlainOutcome[]);
    });
    child.stdin?.end(JSON.stringify({ scripts, given }));
  });
}

/** Numbers that JSON has no words for. */
function revive(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const { $float, $bigint } = value as { readonly $float?: string; readonly $bigint?: string };
  if ($bigint !== undefined) return BigInt($bigint);
  return $float === undefined ? value : { nan: NaN, inf: Infinity, "-inf": -Infinity }[$float];
}
