import type { LoadedConfig } from "amphis/config";
import {
  type ApprovalDecision,
  type Approvals,
  type ApprovalState,
  type LibraryReview,
  reviewLibrary,
} from "amphis/library";

import type { Place } from "./places.ts";
import type { Project } from "./project.ts";
import { styled, type Terminal } from "./terminal.ts";

/** What was decided about a library, and whether its code is still the same. */
export interface Standing {
  readonly library: string;
  readonly module: string;
  readonly package: string;
  readonly version: string;
  readonly fingerprint: string;
  readonly counts: LibraryReview["counts"];
  /** `changed`: somebody decided about other code. */
  readonly state: ApprovalState | "changed";
  /** Whether somebody has to decide, or has decided against it. */
  readonly isOpen: boolean;
  readonly decision: ApprovalDecision | undefined;
}

/** Which libraries somebody has to have looked at: what the configuration says, else all. */
export function requiredOf(loaded: LoadedConfig): "dangerous" | "all" {
  return loaded.config.policies?.approval?.required === "dangerous" ? "dangerous" : "all";
}

/** Reviews a library where the project has it. */
export async function reviewPlace(
  project: Project,
  { name, module, environment, path }: Place,
  named: string | undefined,
): Promise<LibraryReview> {
  const python = await project.python(environment);
  return reviewLibrary({ library: name, module, package: named, python, path });
}

export function standingOf(
  review: LibraryReview,
  approvals: Approvals,
  required: "dangerous" | "all",
): Standing {
  const { findings, files: _, ...rest } = review;
  const decision = approvals.decision(review.library);
  const decided = approvals.stateOf(review);
  const isHarmless = required === "dangerous" && findings.length === 0;
  return {
    ...rest,
    state: decided === "pending" && decision !== undefined ? "changed" : decided,
    isOpen: decided === "rejected" || (decided === "pending" && !isHarmless),
    decision,
  };
}

const STYLES = {
  approved: "green",
  rejected: "red",
  pending: "yellow",
  changed: "yellow",
} as const;

/** `changed since Ada approved 1.0: read it`. */
export function standingText({ state, isOpen, decision }: Standing, terminal: Terminal): string {
  if (!isOpen && state !== "approved") return "needs no approval";
  const shown = styled(terminal, STYLES[state], state);
  if (decision === undefined) return shown;
  const { by, time, reason, version, state: decided } = decision;
  const what = state === "changed" ? ` since ${by} ${decided} ${version || "it"}` : ` by ${by}`;
  return `${shown}${what}, ${time.slice(0, 10)}${reason === "" ? "" : `: ${reason}`}`;
}

/** `code 2, network 1`. */
export function countsText(counts: Standing["counts"]): string {
  const found = Object.entries(counts).map(([kind, count]) => `${kind} ${count}`);
  return found.length === 0 ? "nothing dangerous" : found.join(", ");
}

/** As much of a fingerprint as people compare. */
export function shortFingerprint(fingerprint: string): string {
  return fingerprint.slice(0, 16);
}
