import { type EventChannel, eventChannel } from "./event-channel.ts";
import type { WorkerIdentity } from "./worker-events.ts";

/**
 * A policy denied something to code in a worker. For what the proxy of a sandbox refused `worker` is 0: workers of a pool share it.
 */
export interface PolicyDenied extends WorkerIdentity {
  /** The number of the call within its worker, where one did it. */
  readonly call?: number | undefined;
  /** The option of the policy that decides it: `processes`, `files.read`, `libraries.allow`. */
  readonly rule: string;
  /** What Python told its audit hooks, as `subprocess.Popen`; `reach` for what a call asked for. */
  readonly event: string;
  readonly target: string;
  /** How many there were in this worker; after the first 100 only every hundredth is told. */
  readonly count: number;
}

/** A policy denied something. */
export const policyDenied: EventChannel<PolicyDenied> = eventChannel("amphis:policy:denied");
