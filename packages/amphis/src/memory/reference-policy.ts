/** What new references may be; a change holds for the next one that is signed. */
export interface ReferencePolicy {
  /** A reference can be used for so long. 0 = as long as its memory is lent. @default 60_000 */
  readonly maxAgeMs?: number | undefined;
  /** Most bytes that a reference names. @default no limit */
  readonly maxBytes?: number | undefined;
  /** Whom references may be for. @default anybody */
  readonly holders?: readonly number[] | undefined;
  /** Whether a reference can be used once only. @default false */
  readonly singleUse?: boolean | undefined;
}

export interface ResolvedPolicy {
  readonly maxAgeMs: number;
  readonly maxBytes: number;
  readonly holders: ReadonlySet<number> | undefined;
  readonly singleUse: boolean;
}

export function resolvePolicy(policy: ReferencePolicy = {}): ResolvedPolicy {
  const {
    maxAgeMs = 60_000,
    maxBytes = Number.MAX_SAFE_INTEGER,
    holders,
    singleUse = false,
  } = policy;
  for (const [name, value] of Object.entries({ maxAgeMs, maxBytes })) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(
        `Cannot use policy: ${name} must be an integer from 0, got ${String(value)}`,
      );
    }
  }
  return {
    maxAgeMs,
    maxBytes,
    holders: holders === undefined ? undefined : new Set(holders),
    singleUse,
  };
}
