import type { Reference } from "@amphis/protocol";

/** What a reference says, for logs: everything but its token, which is a key to memory. */
export interface ReferenceInfo {
  readonly arena: number;
  readonly generation: number;
  readonly offset: number;
  readonly byteLength: number;
  readonly holder: number;
  /** ISO 8601; `never` when it does not expire. */
  readonly expires: string;
  readonly isExpired: boolean;
  readonly isForOneUse: boolean;
  readonly dtype: string | undefined;
  readonly shape: readonly number[] | undefined;
}

/** Says what a reference claims; nothing is checked. */
export function referenceInfo(reference: Reference, now: number = Date.now()): ReferenceInfo {
  const { arena, generation, offset, byteLength, holder, expiresAt, descriptor } = reference;
  return {
    arena,
    generation,
    offset,
    byteLength,
    holder,
    expires: expiresAt === 0 ? "never" : formatTime(expiresAt),
    isExpired: expiresAt !== 0 && now >= expiresAt,
    isForOneUse: "once" in descriptor,
    dtype: descriptor.dtype,
    shape: descriptor.shape,
  };
}

/** A claim may lie beyond the last date there is. */
function formatTime(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? `${ms} ms` : date.toISOString();
}
