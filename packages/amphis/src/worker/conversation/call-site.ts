import { type AmphisError, isAmphisError, type PythonFrame } from "@amphis/protocol";

/** Of the frames of Python nearest to the error, so many are in the stack; all are in `error.traceback`. */
const MAX_PYTHON_FRAMES = 10;

/** Errors that were made where a frame came in, so their stack does not say who called. */
const unplaced = new WeakSet<AmphisError>();

/** Marks an error that came from elsewhere. Its stack shows the frames of Python and nothing of this program until it is placed. */
export function fromElsewhere(error: AmphisError): AmphisError {
  unplaced.add(error);
  showPython(error);
  return error;
}

/** Marks an error that was made here, but not below who waits for it. Its stack stays, and is added to when it is placed. */
export function fromHere(error: AmphisError): AmphisError {
  unplaced.add(error);
  return error;
}

/** Makes the stack of an error the frames of Python, and nothing of this program. */
export function showPython(error: AmphisError): void {
  error.stack = `${head(error)}${pythonFrames(error)}`;
}

/** Whether the stack of an error does not say who called, because it was made elsewhere. */
export function lacksCallSite(error: unknown): error is AmphisError {
  return isAmphisError(error) && unplaced.has(error);
}

/** Adds the callers of `below` to the stack of an error that lacks them; others stay as they are. For calls that block. */
export function placeError(error: unknown, below: (...args: never) => unknown): unknown {
  if (!lacksCallSite(error)) return error;
  const site: { stack?: string } = {};
  Error.captureStackTrace(site, below);
  return placed(error, site.stack);
}

/**
 * A promise that rejects with an error, to resolve the promise of a caller with: `resolve(rejection(error))`.
 *
 * An error that was made elsewhere gets the call site in its stack, `at async` functions that await the promise. V8 knows them when an error
 * is made, provided that this happens within the chain of promises that they await; so nothing has to be remembered for calls that succeed.
 */
export async function rejection(error: unknown): Promise<never> {
  if (lacksCallSite(error)) {
    // It takes these turns until the promise of the caller hangs on this one.
    await undefined;
    await undefined;
    const site: { stack?: string } = {};
    Error.captureStackTrace(site, rejection);
    placed(error, site.stack);
  }
  throw error;
}

function placed(error: AmphisError, site: string | undefined): AmphisError {
  unplaced.delete(error);
  const stack = error.stack ?? head(error);
  const lines = (site ?? "").split("\n").slice(1);
  // What was made here may have some of them already.
  error.stack = [stack, ...lines.filter((line) => !stack.includes(line))].join("\n");
  return error;
}

function head({ name, message }: Error): string {
  return `${name}: ${message}`;
}

/** As V8 writes frames, innermost first, so that editors and error trackers follow them. */
function pythonFrames({ context }: AmphisError): string {
  const { traceback } = context as { readonly traceback?: unknown };
  if (!Array.isArray(traceback)) return "";
  const frames = (traceback as readonly unknown[]).filter(isPythonFrame);
  const shown = frames.slice(-MAX_PYTHON_FRAMES).reverse();
  return shown.map((frame) => `\n    at ${frame.function} (${frame.file}:${frame.line})`).join("");
}

/** The context came from a worker and may hold anything. */
function isPythonFrame(thing: unknown): thing is PythonFrame {
  if (typeof thing !== "object" || thing === null) return false;
  const { file, line, function: name } = thing as Partial<PythonFrame>;
  return typeof file === "string" && typeof line === "number" && typeof name === "string";
}
