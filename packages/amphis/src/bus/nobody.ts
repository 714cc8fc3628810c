import type { CallEnd } from "./call-part.ts";

/** A side of a call that nobody listens to. */
export const NOBODY: CallEnd = { take: () => undefined };
