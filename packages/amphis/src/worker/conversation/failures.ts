import { type AmphisError, errorOf, isAmphisError, Place, type Value } from "@amphis/protocol";

import { fromElsewhere, showPython } from "./call-site.ts";

/** The error that a worker answered with. @throws {AmphisError} BODY_INVALID when it is none */
export function remoteError(body: Value): AmphisError {
  dropHandles(body, 0);
  const error = errorOf(new Place("error", body));
  for (let { cause } = error; isAmphisError(cause); { cause } = cause) showPython(cause);
  return fromElsewhere(error);
}

const MAX_CAUSES = 8;

/** Live objects that nobody wants are nil by now, and say nothing. */
function dropHandles(body: unknown, depth: number): void {
  if (typeof body !== "object" || body === null || depth > MAX_CAUSES) return;
  const { context, cause } = body as { readonly context?: unknown; readonly cause?: unknown };
  if (typeof context === "object" && context !== null) {
    const named = context as { handle?: unknown };
    if (named.handle === null) delete named.handle;
  }
  dropHandles(cause, depth + 1);
}
