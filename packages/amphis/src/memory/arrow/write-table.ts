import type { Table } from "@uwdata/flechette";

import type { TensorMemory } from "../tensor.ts";
import { ArrowTable } from "./arrow-table.ts";
import { isForeignTable, type ForeignTable, sourceOfForeign } from "./foreign-table.ts";
import { BodyPlan } from "./body-plan.ts";
import { DictionaryPlan } from "./dictionary-plan.ts";
import { flatBuffer, type FlatPart, int16, int64, int8, part, table } from "./flat-builder.ts";
import { aligned, CONTINUATION, MESSAGE, VERSION } from "./format.ts";
import { sourceOfFlechette, type SourceTable } from "./source-table.ts";
import { numberFields, schemaPart } from "./write-schema.ts";

const PREFIX_BYTES = 8;
const END_BYTES = 8;

/** Gives memory of at least so many bytes: `(bytes) => arena.allocate(bytes)`. */
export type AllocateTable<M extends TensorMemory> = (byteLength: number) => M;

/** A table that can be written: flechette's, or one of `apache-arrow`. */
export type WritableTable = Table | ForeignTable;

/** Whether something is a table, by its shape. */
export function isWritableTable(thing: object): thing is WritableTable {
  return isForeignTable(thing) || isFlechetteTable(thing);
}

function isFlechetteTable(thing: object): boolean {
  const { children, schema } = thing as Partial<Table>;
  return Array.isArray(children) && Array.isArray(schema?.fields);
}

interface PlannedMessage {
  readonly metadata: Uint8Array;
  readonly body: BodyPlan | undefined;
}

/**
 * Writes a table as an Arrow IPC stream into memory that it asks for once, every buffer at a multiple of 64 bytes. Values are copied once.
 *
 * @param allocate memory of this process when absent
 * @throws {AmphisError} ARROW_UNSUPPORTED for run ends and list views, ARROW_INVALID, and what `allocate` throws
 * @throws {TypeError} for what is no table
 */
export function writeTable(table: WritableTable): TensorMemory;
export function writeTable<M extends TensorMemory>(
  table: WritableTable,
  allocate: AllocateTable<M>,
): M;
export function writeTable(
  table: WritableTable,
  allocate: AllocateTable<TensorMemory> = ownMemory,
): TensorMemory {
  const messages = planMessages(sourceOf(table));
  const byteLength = messages.reduce((sum, message) => sum + bytesOf(message), END_BYTES);
  const memory = allocate(byteLength);
  try {
    write(messages, byteLength, memory.bytes);
    return memory;
  } catch (error) {
    (memory as Partial<Disposable>)[Symbol.dispose]?.();
    throw error;
  }
}

function ownMemory(byteLength: number): TensorMemory {
  return { bytes: new Uint8Array(byteLength) };
}

function sourceOf(table: WritableTable): SourceTable {
  // Refused here when its lease is released: what is behind its columns may be somebody else's by now.
  if (table instanceof ArrowTable) void table.memory.bytes;
  if (isForeignTable(table)) return sourceOfForeign(table);
  if (Array.isArray((table as Partial<Table> | undefined)?.children)) {
    return sourceOfFlechette(table);
  }
  throw new TypeError("Cannot write table: it is neither flechette's nor of apache-arrow");
}

function planMessages({ schema, batches }: SourceTable): readonly PlannedMessage[] {
  const fields = numberFields(schema.fields);
  const messages = [plan(MESSAGE.schema, schemaPart(schema, fields))];
  const dictionaries = new DictionaryPlan();
  for (const { rows, columns } of batches) {
    for (const { id, isDelta, body } of dictionaries.before(fields, columns)) {
      const header = table([int64(id), part(body.header), int8(isDelta ? 1 : 0)]);
      messages.push(plan(MESSAGE.dictionaryBatch, header, body));
    }
    const typed = columns.map((batch, at) => ({ type: batchTypeOf(schema, at), batch }));
    const body = new BodyPlan(rows, typed);
    messages.push(plan(MESSAGE.recordBatch, body.header, body));
  }
  return messages;
}

function batchTypeOf({ fields }: SourceTable["schema"], at: number) {
  return (fields[at] as (typeof fields)[number]).type;
}

function plan(kind: number, header: FlatPart, body?: BodyPlan): PlannedMessage {
  const message = table([
    int16(VERSION.v5),
    int8(kind),
    part(header),
    int64(body?.byteLength ?? 0),
  ]);
  return { metadata: flatBuffer(message), body };
}

function bytesOf({ metadata, body }: PlannedMessage): number {
  return aligned(PREFIX_BYTES + metadata.byteLength) + (body?.byteLength ?? 0);
}

function write(messages: readonly PlannedMessage[], byteLength: number, target: Uint8Array): void {
  if (target.byteLength < byteLength) {
    throw new RangeError(
      `Cannot write table: it needs ${byteLength} bytes, allocate gave ${target.byteLength}`,
    );
  }
  const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
  let at = 0;
  for (const { metadata, body } of messages) {
    const bodyAt = at + aligned(PREFIX_BYTES + metadata.byteLength);
    view.setUint32(at, CONTINUATION, true);
    view.setUint32(at + 4, bodyAt - at - PREFIX_BYTES, true);
    target.set(metadata, at + PREFIX_BYTES);
    target.fill(0, at + PREFIX_BYTES + metadata.byteLength, bodyAt);
    body?.write(target, bodyAt);
    at = bodyAt + (body?.byteLength ?? 0);
  }
  view.setUint32(at, CONTINUATION, true);
  view.setUint32(at + 4, 0, true);
}
