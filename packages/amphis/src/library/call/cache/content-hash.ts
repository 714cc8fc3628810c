import { createHash } from "node:crypto";

/**
 * Stands for the content of bytes in keys: SHA-256.
 *
 * Two contents with the same hash would give one of them the result of the other. So it is a hash of which nobody can make such two, whoever
 * chooses the arguments; the processor does it at more than a gigabyte a second.
 */
export function contentHash(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("base64");
}

/** The same of a text, in letters and digits. */
export function textHash(text: string): string {
  return createHash("sha256").update(text, "utf16le").digest("hex");
}
