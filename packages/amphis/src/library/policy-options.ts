import type { Isolation, WorkerPolicy } from "../worker/index.ts";

/**
 * What Python may do on behalf of this program, in every pool that is isolated and has no policy of its own. Where libraries are configured
 * and `libraries.allow` is absent, those are what this program may reach.
 */
export interface PolicyOptions extends WorkerPolicy {
  /** Isolation of libraries that name none. @default "none" */
  readonly isolation?: Isolation | undefined;
  /** Which code somebody has to have looked at before it runs. @default {} */
  readonly approval?: ApprovalOptions | undefined;
}

/** Which code somebody has to have looked at before it runs. */
export interface ApprovalOptions {
  /** Libraries whose code does something dangerous, or all that are configured. @default "none" */
  readonly required?: "none" | "dangerous" | "all" | undefined;
  /** Where decisions are kept, with fingerprints of the code. @default "amphis.approvals.json" beside the configuration */
  readonly file?: string | undefined;
}
