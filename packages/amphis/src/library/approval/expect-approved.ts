import { AmphisError } from "@amphis/protocol";

import { Approvals } from "./approvals.ts";
import {
  fingerprintLibrary,
  type LibraryReview,
  reviewLibrary,
  type ReviewRequest,
} from "./review.ts";

export interface ApprovalCheck {
  readonly libraries: readonly ReviewRequest[];
  /** Those whose code does something dangerous, or all. */
  readonly required: "dangerous" | "all";
  /** The file of approvals. */
  readonly file: string;
}

/**
 * Makes sure that somebody approved the code of libraries as it is now.
 *
 * @throws {AmphisError} APPROVAL_REQUIRED for the first that nobody did; APPROVALS_INVALID; LIBRARY_NOT_FOUND, DISCOVERY_FAILED
 */
export async function expectApproved({ libraries, required, file }: ApprovalCheck): Promise<void> {
  const approvals = await Approvals.open(file);
  for (const request of libraries) {
    const isDecided = approvals.decision(request.library) !== undefined;
    if (isDecided && approvals.stateOf(await fingerprintLibrary(request)) === "approved") continue;
    const review = await reviewLibrary(request);
    const state = approvals.stateOf(review);
    const isHarmless = required === "dangerous" && review.findings.length === 0;
    if (state === "approved" || (isHarmless && state !== "rejected")) continue;
    throw approvalRequired(review, approvals, file);
  }
}

function approvalRequired(
  review: LibraryReview,
  approvals: Approvals,
  file: string,
): AmphisError<"APPROVAL_REQUIRED"> {
  const { library, version, fingerprint, counts } = review;
  const state = approvals.stateOf(review);
  const reason = whyNot(review, approvals);
  const found = Object.entries(counts).map(([kind, count]) => `${kind} ${count}`);
  const shown = found.length === 0 ? "nothing dangerous" : found.join(", ");
  return new AmphisError(
    "APPROVAL_REQUIRED",
    `Cannot use ${library} ${version}: ${reason}; found in it: ${shown}. \`npx amphis review ${library}\` shows where, and \`npx amphis approve ${library}\` approves it`,
    { library, state, fingerprint, file, reason },
  );
}

function whyNot(review: LibraryReview, approvals: Approvals): string {
  const decision = approvals.decision(review.library);
  if (decision === undefined) return "nobody has approved its code";
  const { state, version, by, reason } = decision;
  if (decision.fingerprint === review.fingerprint) return `${by} rejected it: ${reason}`;
  return `its code has changed since ${by} ${state} version ${version}`;
}
