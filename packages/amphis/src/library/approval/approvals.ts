import { appendFile, open, readFile, rename, rm } from "node:fs/promises";
import { userInfo } from "node:os";

import { approvalsInvalid, type AuditRecord, auditRecord, readAudit } from "./audit.ts";
import type { LibraryReview } from "./review.ts";

/** What was decided about a library. */
export interface ApprovalDecision {
  readonly state: "approved" | "rejected";
  readonly version: string;
  readonly fingerprint: string;
  readonly by: string;
  /** ISO 8601. */
  readonly time: string;
  readonly reason: string;
}

/** Whether code may run: nobody decided, or about other code; somebody did. */
export type ApprovalState = "pending" | ApprovalDecision["state"];

export interface DecisionOptions {
  /** Who decides. @default the name of this user */
  readonly by?: string | undefined;
  /** @default "" */
  readonly reason?: string | undefined;
}

const FORMAT = 1;

interface Stored {
  readonly format: number;
  /** Hash of the last record of the audit log. */
  readonly audit: string;
  readonly libraries: Readonly<Record<string, ApprovalDecision>>;
}

/**
 * Decisions about the code of libraries, in a file that is committed.
 *
 * Each is written to the audit log beside it, too, `<file>.log`: lines that are only added, each with a hash over itself and the one before. The
 * file says which record is the last, so that neither can be changed by hand without the other, nor the end of the log be cut off. Whoever can
 * write both can write both anew: what protects them is the history of the repository.
 */
export class Approvals {
  readonly #file: string;
  #audit: readonly AuditRecord[];
  #decisions: Map<string, ApprovalDecision>;

  private constructor(file: string, audit: readonly AuditRecord[]) {
    this.#file = file;
    this.#audit = audit;
    this.#decisions = decisionsOf(audit);
  }

  /**
   * Reads a file of approvals and its log; where there is none, nothing is decided yet.
   *
   * @throws {AmphisError} APPROVALS_INVALID where they are not as they were written
   */
  static async open(file: string): Promise<Approvals> {
    const [text, log] = await Promise.all([textOf(file), textOf(logOf(file))]);
    const audit = readAudit(log ?? "", logOf(file));
    const approvals = new Approvals(file, audit);
    if (text === undefined) {
      if (audit.length > 0) throw approvalsInvalid(file, "it is missing, and its log is there");
      return approvals;
    }
    const stored = storedIn(text);
    if (stored === undefined) throw approvalsInvalid(file, "it is no file of approvals");
    if (stored.audit !== (audit.at(-1)?.hash ?? "")) {
      throw approvalsInvalid(file, `it does not go with its log ${logOf(file)}`);
    }
    if (approvals.#text() !== text) {
      throw approvalsInvalid(file, "it says something else than its log");
    }
    return approvals;
  }

  /** Every decision there was, oldest first. */
  get audit(): readonly AuditRecord[] {
    return this.#audit;
  }

  /** What was last decided about a library, whatever its code is now. */
  decision(library: string): ApprovalDecision | undefined {
    return this.#decisions.get(library);
  }

  /** Whether this code may run; other code than was decided about is pending again. */
  stateOf({ library, fingerprint }: Pick<LibraryReview, "library" | "fingerprint">): ApprovalState {
    const decision = this.#decisions.get(library);
    return decision === undefined || decision.fingerprint !== fingerprint
      ? "pending"
      : decision.state;
  }

  /** Lets this code run, and no other. */
  async approve(review: LibraryReview, options: DecisionOptions = {}): Promise<void> {
    await this.#decide("approve", review, options);
  }

  /** Keeps this code from running. */
  async reject(review: LibraryReview, options: DecisionOptions = {}): Promise<void> {
    await this.#decide("reject", review, options);
  }

  /** Takes a decision back: pending again. */
  async withdraw(library: string, options: DecisionOptions = {}): Promise<void> {
    const decision = this.#decisions.get(library);
    if (decision === undefined) {
      throw new RangeError(`Cannot withdraw decision: there is none about ${library}`);
    }
    await this.#decide("withdraw", { ...decision, library }, options);
  }

  async #decide(
    action: AuditRecord["action"],
    { library, version, fingerprint }: Pick<LibraryReview, "library" | "version" | "fingerprint">,
    { by = userInfo().username, reason = "" }: DecisionOptions,
  ): Promise<void> {
    await alone(this.#file, async () => {
      // Another process may have decided meanwhile.
      const now = await Approvals.open(this.#file);
      const time = new Date().toISOString();
      const decision = { time, action, library, version, fingerprint, by, reason };
      const record = auditRecord(decision, now.audit.at(-1));
      await appendFile(logOf(this.#file), `${JSON.stringify(record)}\n`);
      this.#audit = [...now.audit, record];
      this.#decisions = decisionsOf(this.#audit);
      await replace(this.#file, this.#text());
    });
  }

  #text(): string {
    const libraries = Object.fromEntries(
      [...this.#decisions].toSorted(([a], [b]) => (a < b ? -1 : 1)),
    );
    const stored: Stored = { format: FORMAT, audit: this.#audit.at(-1)?.hash ?? "", libraries };
    return `${JSON.stringify(stored, undefined, 2)}\n`;
  }
}

function logOf(file: string): string {
  return `${file}.log`;
}

function decisionsOf(audit: readonly AuditRecord[]): Map<string, ApprovalDecision> {
  const decisions = new Map<string, ApprovalDecision>();
  for (const { action, library, version, fingerprint, by, time, reason } of audit) {
    const state = action === "approve" ? "approved" : "rejected";
    if (action === "withdraw") decisions.delete(library);
    else decisions.set(library, { state, version, fingerprint, by, time, reason });
  }
  return decisions;
}

function storedIn(text: string): Stored | undefined {
  try {
    const said = JSON.parse(text) as Partial<Stored> | null;
    return said?.format === FORMAT && typeof said.audit === "string" ? (said as Stored) : undefined;
  } catch {
    return undefined;
  }
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw approvalsInvalid(file, (error as Error).message);
  }
}

/** One decision at a time; who finds another one under way is told. */
async function alone(file: string, act: () => Promise<void>): Promise<void> {
  const lock = `${file}.lock`;
  let held;
  try {
    held = await open(lock, "wx");
  } catch (error) {
    const reason =
      (error as NodeJS.ErrnoException).code === "EEXIST"
        ? `somebody else decides just now; if nobody does, remove ${lock}`
        : (error as Error).message;
    throw approvalsInvalid(file, reason);
  }
  try {
    await act();
  } finally {
    await held.close();
    await rm(lock, { force: true });
  }
}

/** As a whole or not at all. */
async function replace(file: string, text: string): Promise<void> {
  const draft = `${file}.${process.pid}.new`;
  const handle = await open(draft, "w");
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
}
