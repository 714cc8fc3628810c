/*
 * Code of libraries that somebody has to have looked at before it runs: what it does, who approved it, and that it is still the same.
 */

export { Approvals } from "./approvals.ts";
export type { ApprovalDecision, ApprovalState, DecisionOptions } from "./approvals.ts";
export type { AuditRecord } from "./audit.ts";
export { expectApproved } from "./expect-approved.ts";
export type { ApprovalCheck } from "./expect-approved.ts";
export { reviewLibrary } from "./review.ts";
export type { Finding, FindingKind, LibraryReview, ReviewRequest } from "./review.ts";
