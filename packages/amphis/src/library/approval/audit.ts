import { createHash } from "node:crypto";

import { AmphisError } from "@amphis/protocol";

/** A decision about a library, as the audit log has it. */
export interface AuditRecord {
  /** From 1. */
  readonly sequence: number;
  /** ISO 8601. */
  readonly time: string;
  readonly action: "approve" | "reject" | "withdraw";
  readonly library: string;
  readonly version: string;
  readonly fingerprint: string;
  readonly by: string;
  readonly reason: string;
  /** Hash of the record before; empty for the first. */
  readonly previous: string;
  /** SHA-256 over all of the above. */
  readonly hash: string;
}

const ACTIONS: ReadonlySet<unknown> = new Set(["approve", "reject", "withdraw"]);
const TEXTS = ["time", "library", "version", "fingerprint", "by", "reason", "previous", "hash"];

/** The record of a decision behind those that there are. */
export function auditRecord(
  decision: Omit<AuditRecord, "sequence" | "previous" | "hash">,
  before: AuditRecord | undefined,
): AuditRecord {
  const { time, action, library, version, fingerprint, by, reason } = decision;
  const body = {
    sequence: (before?.sequence ?? 0) + 1,
    time,
    action,
    library,
    version,
    fingerprint,
    by,
    reason,
    previous: before?.hash ?? "",
  };
  return { ...body, hash: hashOf(body) };
}

/**
 * Reads a log, one record to a line, and checks that each follows from the one before.
 *
 * @throws {AmphisError} APPROVALS_INVALID naming the line
 */
export function readAudit(text: string, path: string): readonly AuditRecord[] {
  const records: AuditRecord[] = [];
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  for (const [index, line] of lines.entries()) {
    const record = recordIn(line);
    const before = records.at(-1);
    const { hash = "", ...body } = record ?? {};
    const follows =
      record !== undefined &&
      record.sequence === index + 1 &&
      record.previous === (before?.hash ?? "") &&
      hash === hashOf(body as Omit<AuditRecord, "hash">);
    if (!follows) {
      const reason = `line ${index + 1} is no record, or does not follow from the one before`;
      throw approvalsInvalid(path, reason);
    }
    records.push(record);
  }
  return records;
}

export function approvalsInvalid(path: string, reason: string): AmphisError<"APPROVALS_INVALID"> {
  const context = { path, reason };
  return new AmphisError(
    "APPROVALS_INVALID",
    `Cannot use approvals of ${path}: ${reason}`,
    context,
  );
}

function recordIn(line: string): AuditRecord | undefined {
  let said: unknown;
  try {
    said = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof said !== "object" || said === null) return undefined;
  const record = said as Readonly<Record<string, unknown>>;
  const isRecord = ACTIONS.has(record["action"]) && Number.isSafeInteger(record["sequence"]);
  if (!isRecord || Object.keys(record).length !== TEXTS.length + 2) return undefined;
  if (!TEXTS.every((name) => typeof record[name] === "string")) return undefined;
  return record as unknown as AuditRecord;
}

function hashOf(body: Omit<AuditRecord, "hash">): string {
  // In an order of its own, whatever that of a line is.
  const { sequence, time, action, library, version, fingerprint, by, reason, previous } = body;
  const parts = [sequence, time, action, library, version, fingerprint, by, reason, previous];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}
