/*
 * Numbers of the Arrow IPC format (format/Message.fbs, Schema.fbs and File.fbs of Apache Arrow). Those of types, units and modes are
 * flechette's, which are the same.
 */

/** What a message holds. */
export const MESSAGE = { schema: 1, dictionaryBatch: 2, recordBatch: 3, tensor: 4, sparse: 5 };

/** Metadata versions V4 and V5; they differ in the validity of unions. */
export const VERSION = { v4: 3, v5: 4 };

/** Goes before the length of a message; messages older than Arrow 0.15 lack it. */
export const CONTINUATION = 0xff_ff_ff_ff;

/** `ARROW1`, at both ends of a file; the first is padded to 8 bytes. */
export const MAGIC: Uint8Array = Uint8Array.of(65, 82, 82, 79, 87, 49);

/** Where every buffer that is written begins: a multiple of this. */
const BUFFER_ALIGNMENT = 64;

/** Types may hold types this deep. */
export const MAX_DEPTH = 64;

/** Rows of a table; columns count them with 32 bits. */
export const MAX_ROWS = 0x7f_ff_ff_ff;

export function aligned(bytes: number, alignment: number = BUFFER_ALIGNMENT): number {
  return Math.ceil(bytes / alignment) * alignment;
}
