import { spawn } from "node:child_process";
import { delimiter } from "node:path";

import { AmphisError } from "@amphis/protocol";

import { findPython, runtimeScript } from "../../worker/index.ts";

/** What a library does that somebody may want to know before it runs. */
export type FindingKind =
  | "code"
  | "processes"
  | "ctypes"
  | "network"
  | "pickle"
  | "files"
  | "native"
  | "unreadable";

/** One place in the files of a library. */
export interface Finding {
  readonly kind: FindingKind;
  readonly file: string;
  /** From 1; 0: the whole file. */
  readonly line: number;
  readonly what: string;
}

/** What the files of a library show, without running anything of it. */
export interface LibraryReview {
  /** Name under which decisions about it are kept. */
  readonly library: string;
  /** Name of the module. */
  readonly module: string;
  /** Of the package that it belongs to. */
  readonly package: string;
  readonly version: string;
  /** SHA-256 over all files of the package, and their names. */
  readonly fingerprint: string;
  readonly files: number;
  /** How many places there are of each kind. */
  readonly counts: Readonly<Partial<Record<FindingKind, number>>>;
  /** The first 1,000 places. */
  readonly findings: readonly Finding[];
}

export interface ReviewRequest {
  /** Name under which decisions about it are kept: the one under which it is configured. */
  readonly library: string;
  /** Name of the module. @default `library` */
  readonly module?: string | undefined;
  /** Name of its package on the index. @default the one whose files have the module */
  readonly package?: string | undefined;
  /** The interpreter that has it. @default the one that `openPython` finds */
  readonly python?: string | undefined;
  /** Further folders with modules. @default [] */
  readonly path?: readonly string[] | undefined;
  /** @default 120_000 */
  readonly timeoutMs?: number | undefined;
}

const SCRIPT = "amphis/_internal/library/review.py";
const MOST_CHARACTERS = 4 << 20;
const KINDS: readonly string[] = [
  "code",
  "processes",
  "ctypes",
  "network",
  "pickle",
  "files",
  "native",
  "unreadable",
] satisfies readonly FindingKind[];

/**
 * Reviews a library by its files: what of it is dangerous, and a fingerprint of it all.
 *
 * It shows what the text of the code shows. Code that hides what it does is not found by this, and compiled code is only named.
 *
 * @throws {AmphisError} LIBRARY_NOT_FOUND, DISCOVERY_FAILED, PYTHON_NOT_FOUND
 */
export function reviewLibrary(request: ReviewRequest): Promise<LibraryReview> {
  return review(request, "yes");
}

/** The same without findings, which is all that is needed where somebody decided: it takes a fraction of the time. */
export function fingerprintLibrary(request: ReviewRequest): Promise<LibraryReview> {
  return review(request, "no");
}

async function review(asked: ReviewRequest, look: "yes" | "no"): Promise<LibraryReview> {
  const { library, module = library } = asked;
  const { path: python } = await findPython({ python: asked.python });
  const request = { ...asked, module, python };
  const { out, err } = await run(request, look);
  let said: unknown;
  try {
    said = JSON.parse(out);
  } catch {
    throw failed(request, err === "" ? "it said what is no review" : err);
  }
  if (isRecord(said) && said["missing"] === true) {
    const context = { library, python, suggestions: [] };
    throw new AmphisError(
      "LIBRARY_NOT_FOUND",
      `Cannot review ${library}: ${python} has no files of ${module}`,
      context,
    );
  }
  return reviewIn(said, library, module) ?? fail(failed(request, "it said what is no review"));
}

/** With everything that has a default. */
interface FullRequest extends ReviewRequest {
  readonly module: string;
  readonly python: string;
}

interface Said {
  readonly out: string;
  readonly err: string;
}

function run(
  { module, package: name = "", python, path = [], timeoutMs = 120_000 }: FullRequest,
  look: string,
): Promise<Said> {
  return new Promise((resolve) => {
    const args = [
      `look=${look}`,
      `library=${module}`,
      `package=${name}`,
      `path=${path.join(delimiter)}`,
    ];
    // Neither variables nor packages have a say in what this interpreter does.
    const child = spawn(python, ["-I", "-S", runtimeScript(SCRIPT), ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      timeout: timeoutMs,
      killSignal: "SIGKILL",
    });
    let [out, err] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
      if (out.length > MOST_CHARACTERS) child.kill("SIGKILL");
    });
    child.stderr
      .setEncoding("utf8")
      .on("data", (text: string) => (err = (err + text).slice(-4_000)));
    child.once("error", (error) => resolve({ out: "", err: error.message }));
    child.once("close", () => resolve({ out, err }));
  });
}

function reviewIn(said: unknown, library: string, module: string): LibraryReview | undefined {
  if (!isRecord(said)) return undefined;
  const { name, version, fingerprint, files, counts, findings } = said;
  if (typeof name !== "string" || typeof version !== "string") return undefined;
  if (typeof files !== "number" || typeof fingerprint !== "string") return undefined;
  if (!isRecord(counts) || !Array.isArray(findings)) return undefined;
  if (!findings.every(isFinding)) return undefined;
  return { library, module, package: name, version, fingerprint, files, counts, findings };
}

function isFinding(value: unknown): value is Finding {
  if (!isRecord(value)) return false;
  const { kind, file, line, what } = value;
  const isPlace = typeof file === "string" && typeof line === "number" && typeof what === "string";
  return isPlace && typeof kind === "string" && KINDS.includes(kind);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function failed({ library, python }: FullRequest, stderr: string): AmphisError {
  const message = `Cannot review ${library}: ${stderr.trim().split("\n").at(-1) ?? ""}`;
  return new AmphisError("DISCOVERY_FAILED", message, { library, python, stderr });
}

function fail(error: Error): never {
  throw error;
}
