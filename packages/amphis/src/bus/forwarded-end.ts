import type { CallEnd, CallPart } from "./call-part.ts";

/** A side of a call that nobody listens to. */
export const NOBODY: CallEnd = { take: () => undefined };

/** The handling side of a call that is about to have one: the call must be known before its endpoint is asked, for it may answer at once. */
export class ForwardedEnd implements CallEnd {
  to: CallEnd = NOBODY;

  take(part: CallPart): void {
    this.to.take(part);
  }
}
