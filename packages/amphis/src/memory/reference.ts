import {
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";

import {
  AmphisError,
  type Reference,
  type ReferenceDescriptor,
  referenceToSign,
  type UnsignedReference,
} from "@amphis/protocol";

import type { PublishedSpan } from "./arena.ts";
import type { Lease } from "./lease.ts";
import { type ReferencePolicy, type ResolvedPolicy, resolvePolicy } from "./reference-policy.ts";
import { UsedReferences } from "./used-references.ts";

/*
 * Nothing of a reference is believed before its token is checked, and the token comes first: without the key, all refusals look the same.
 * Then the cheap checks in the order of what they say about the sender: expired, for somebody else, memory gone, out of bounds, used before.
 */

export type ReferenceRefusal =
  | "REFERENCE_FORGED"
  | "REFERENCE_EXPIRED"
  | "REFERENCE_HOLDER"
  | "REFERENCE_STALE"
  | "REFERENCE_OUT_OF_BOUNDS"
  | "REFERENCE_REPLAYED";

/** A reference that was refused; for a security log. The fields are the sender's claim. */
export interface ReferenceEvent {
  readonly code: ReferenceRefusal;
  readonly reference: UnsignedReference;
}

export interface ReferenceFigures {
  readonly signed: number;
  readonly accepted: number;
  readonly refused: Readonly<Record<ReferenceRefusal, number>>;
}

export interface ReferenceOptions {
  /** Of this connection alone; at least 32 bytes, from `referenceKey`. */
  readonly key: Uint8Array;
  /** Where lent memory is: an arena. */
  readonly memory: { published(generation: number): PublishedSpan | undefined };
  readonly policy?: ReferencePolicy | undefined;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: (() => number) | undefined;
  readonly onRefused?: ((event: ReferenceEvent) => void) | undefined;
}

export interface SignOptions {
  /** Who may use it. */
  readonly holder: number;
  /** Where in the lease it starts. @default 0 */
  readonly byteOffset?: number | undefined;
  /** @default up to the end of the lease */
  readonly byteLength?: number | undefined;
  readonly descriptor?: ReferenceDescriptor | undefined;
  /** Whether it stands for a frame that waits its turn: for one use, and for as long as its memory is lent. @default false */
  readonly isOfFrame?: boolean | undefined;
}

const KEY_BYTES = 32;
/** In the descriptor of a reference for one use: a number that no other of this signer has. */
const ONCE = "once";

/** A new key for the references of one connection. */
export function referenceKey(): Uint8Array {
  return randomBytes(KEY_BYTES);
}

/** Signs and checks the references of one connection. */
export class References {
  readonly #key: KeyObject;
  readonly #memory: ReferenceOptions["memory"];
  readonly #now: () => number;
  readonly #onRefused: ((event: ReferenceEvent) => void) | undefined;
  readonly #used: UsedReferences;
  readonly #refused: Record<ReferenceRefusal, number> = {
    REFERENCE_FORGED: 0,
    REFERENCE_EXPIRED: 0,
    REFERENCE_HOLDER: 0,
    REFERENCE_STALE: 0,
    REFERENCE_OUT_OF_BOUNDS: 0,
    REFERENCE_REPLAYED: 0,
  };
  #policy: ResolvedPolicy;
  #signed = 0;
  #accepted = 0;

  constructor({ key, memory, policy, now = Date.now, onRefused }: ReferenceOptions) {
    if (key.byteLength < KEY_BYTES) {
      throw new RangeError(`Cannot sign: key must have ${KEY_BYTES} bytes, got ${key.byteLength}`);
    }
    // The caller may wipe or change its own copy.
    this.#key = createSecretKey(key);
    this.#memory = memory;
    this.#now = now;
    this.#onRefused = onRefused;
    this.#policy = resolvePolicy(policy);
    this.#used = new UsedReferences(
      ({ generation, expiresAt }) =>
        memory.published(generation) === undefined || isExpired(expiresAt, now()),
    );
  }

  setPolicy(policy: ReferencePolicy): void {
    this.#policy = resolvePolicy(policy);
  }

  /**
   * Names memory for one holder. The lease stays the caller's: when it goes back, the reference is stale.
   *
   * @throws {AmphisError} REFERENCE_HOLDER and REFERENCE_OUT_OF_BOUNDS when the policy or the lease do not allow it, LEASE_RELEASED
   */
  sign(lease: Lease, options: SignOptions): Reference {
    const { holder, byteOffset = 0, byteLength = lease.byteLength - byteOffset } = options;
    const { isOfFrame = false } = options;
    const { maxAgeMs, maxBytes, holders, singleUse } = this.#policy;
    const offset = lease.offset + byteOffset;
    const { arena, generation } = lease;
    if (holders?.has(holder) === false) throw wrongHolder(holder, "the policy does not allow it");
    if (!isInside(byteOffset, byteLength, 0, lease.byteLength) || byteLength > maxBytes) {
      throw outOfBounds({ arena, offset, byteLength }, "the lease or the policy does not allow it");
    }
    lease.publish();
    this.#signed += 1;
    const unsigned: UnsignedReference = {
      arena,
      generation,
      offset,
      byteLength,
      holder,
      expiresAt: maxAgeMs === 0 || isOfFrame ? 0 : this.#now() + maxAgeMs,
      descriptor: {
        ...options.descriptor,
        ...(singleUse || isOfFrame ? { [ONCE]: this.#signed } : {}),
      },
    };
    return { ...unsigned, token: Uint8Array.from(tokenOf(this.#key, unsigned)) };
  }

  /**
   * Checks a reference before anything of it is used.
   *
   * @param holder who uses it
   * @throws {AmphisError} a code of {@link ReferenceRefusal}
   */
  verify(reference: Reference, holder: number): void {
    try {
      this.#check(reference, holder);
      this.#accepted += 1;
    } catch (error) {
      if (error instanceof AmphisError && error.code in this.#refused) {
        const code = error.code as ReferenceRefusal;
        this.#refused[code] += 1;
        this.#onRefused?.({ code, reference });
      }
      throw error;
    }
  }

  figures(): ReferenceFigures {
    return { signed: this.#signed, accepted: this.#accepted, refused: { ...this.#refused } };
  }

  #check(reference: Reference, holder: number): void {
    const { arena, generation, offset, byteLength, expiresAt } = reference;
    if (!isSignedWith(this.#key, reference)) {
      throw new AmphisError(
        "REFERENCE_FORGED",
        "Cannot use reference: its token is not of this connection",
        { arena, holder: reference.holder },
      );
    }
    const now = this.#now();
    if (isExpired(expiresAt, now)) {
      throw new AmphisError(
        "REFERENCE_EXPIRED",
        `Cannot use reference: it expired ${now - expiresAt} ms ago`,
        { expiresAt, now },
      );
    }
    if (reference.holder !== holder) throw wrongHolder(holder, `it is for ${reference.holder}`);
    const span = this.#memory.published(generation);
    if (span === undefined) {
      throw new AmphisError("REFERENCE_STALE", "Cannot use reference: its memory was given back", {
        arena,
        generation,
      });
    }
    if (span.arena !== arena || !isInside(offset, byteLength, span.offset, span.byteLength)) {
      throw outOfBounds(reference, "it lies outside the lease");
    }
    const isSecondUse = ONCE in reference.descriptor && !this.#used.add(reference);
    if (isSecondUse) {
      throw new AmphisError("REFERENCE_REPLAYED", "Cannot use reference: it was used before", {
        arena,
        generation,
      });
    }
  }
}

/** HMAC-SHA-256 over the canonical bytes of the reference. */
export function referenceToken(key: Uint8Array, reference: UnsignedReference): Uint8Array {
  return Uint8Array.from(tokenOf(createSecretKey(key), reference));
}

/** A key object is ready to be used; bytes would be made one for each token. */
function tokenOf(key: KeyObject, reference: UnsignedReference): Uint8Array {
  return createHmac("sha256", key).update(referenceToSign(reference)).digest();
}

/** Takes the same time wherever the first difference is. */
function isSignedWith(key: KeyObject, reference: Reference): boolean {
  const expected = tokenOf(key, reference);
  return (
    reference.token.byteLength === expected.byteLength && timingSafeEqual(reference.token, expected)
  );
}

function isExpired(expiresAt: number, now: number): boolean {
  return expiresAt !== 0 && now >= expiresAt;
}

/** Compares without adding: a sum of two large integers would be rounded. */
function isInside(offset: number, length: number, start: number, bytes: number): boolean {
  return (
    Number.isSafeInteger(offset) &&
    Number.isSafeInteger(length) &&
    length >= 0 &&
    length <= bytes &&
    offset >= start &&
    offset - start <= bytes - length
  );
}

function wrongHolder(holder: number, why: string): AmphisError<"REFERENCE_HOLDER"> {
  return new AmphisError("REFERENCE_HOLDER", `Cannot use reference as holder ${holder}: ${why}`, {
    holder,
  });
}

function outOfBounds(
  { arena, offset, byteLength }: Pick<Reference, "arena" | "offset" | "byteLength">,
  why: string,
): AmphisError<"REFERENCE_OUT_OF_BOUNDS"> {
  return new AmphisError(
    "REFERENCE_OUT_OF_BOUNDS",
    `Cannot use ${byteLength} bytes from ${offset} of arena ${arena}: ${why}`,
    { arena, offset, byteLength },
  );
}
