import type { Batch, ExtractionOptions } from "@uwdata/flechette";

import type { TensorMemory } from "../tensor.ts";
import { ArrowTable } from "./arrow-table.ts";
import { BatchCursor, type Body } from "./batch-cursor.ts";
import { Dictionaries } from "./dictionaries.ts";
import { invalid, unsupported } from "./failure.ts";
import type { FlatTable } from "./flat-table.ts";
import { MAX_ROWS, MESSAGE } from "./format.ts";
import { LeasedColumn } from "./leased-column.ts";
import { type ArrowMessage, splitMessages } from "./messages.ts";
import { BatchReader, checkWeight } from "./read-batch.ts";
import { dictionaryTypes, readSchema } from "./read-schema.ts";

/** As flechette's options, but exact unless told otherwise. */
export interface OpenTableOptions {
  /** Integers of 64 bits as `bigint`, which are views; else as numbers, refused beyond 2^53. @default true */
  readonly useBigInt?: boolean | undefined;
  /** Timestamps as `bigint` in their own unit, which are views; else as milliseconds. @default true */
  readonly useBigIntTimestamp?: boolean | undefined;
  /** Decimals as integers scaled up by their type: `bigint`, or numbers for those of 32 bits; else as numbers. @default true */
  readonly useDecimalInt?: boolean | undefined;
  /** Dates, and timestamps unless they are `bigint`, as `Date`; else as milliseconds. @default false */
  readonly useDate?: boolean | undefined;
  /** Maps as `Map`; else as pairs. @default false */
  readonly useMap?: boolean | undefined;
  /** Structs and rows as objects that read when asked. @default false */
  readonly useProxy?: boolean | undefined;
}

/**
 * Shows a table that is in memory in the Arrow IPC format, stream or file, without copying its columns.
 *
 * All metadata is copied and judged first, so opening costs the same for few rows and many, and neither lengths nor offsets lead outside
 * of the memory, whoever writes there meanwhile. Values are judged when they are read.
 *
 * @throws {AmphisError} ARROW_INVALID; ARROW_UNSUPPORTED for compression, big-endian data, list views, run ends and tensors; LEASE_RELEASED
 */
export function openTable(memory: TensorMemory, options: OpenTableOptions = {}): ArrowTable {
  const extraction = resolve(options);
  const { bytes } = memory;
  const { schema: table, batches, isFile } = splitMessages(bytes);
  const schema = readSchema(table);
  const dictionaries = new Dictionaries(memory, dictionaryTypes(schema), { mayReplace: !isFile });
  const reader = new BatchReader(dictionaries, extraction);
  const columns: Batch<unknown>[][] = schema.fields.map(() => []);
  let rows = 0;
  for (const message of batches) {
    if (message.kind === MESSAGE.dictionaryBatch) {
      readDictionary(message, bytes, dictionaries, reader);
      continue;
    }
    if (message.kind !== MESSAGE.recordBatch) throw invalid(`a message is of kind ${message.kind}`);
    const cursor = new BatchCursor(message.header, bodyOf(message, bytes));
    schema.fields.forEach((field, at) => columns[at]?.push(reader.column(field.type, cursor)));
    cursor.finish();
    rows += cursor.rows;
    if (rows > MAX_ROWS) throw unsupported("a table of more than 2^31 - 1 rows");
  }
  return new ArrowTable(memory, {
    schema,
    columns: schema.fields.map(
      (field, at) => new LeasedColumn(memory, columns[at] ?? [], field.type),
    ),
    rows,
    useProxy: extraction.useProxy ?? false,
  });
}

function readDictionary(
  message: ArrowMessage,
  bytes: Uint8Array,
  dictionaries: Dictionaries,
  reader: BatchReader,
): void {
  const id = message.header.int64(0);
  const header: FlatTable | undefined = message.header.table(1);
  if (header === undefined) throw invalid(`dictionary ${id} has no values`);
  const cursor = new BatchCursor(header, bodyOf(message, bytes));
  const type = dictionaries.typeOf(id);
  const batch = reader.column(type, cursor);
  cursor.finish();
  checkWeight(type, batch);
  dictionaries.add(id, batch, message.header.boolean(2));
}

function bodyOf(message: ArrowMessage, bytes: Uint8Array): Body {
  return { bytes, at: message.bodyAt, length: message.bodyBytes, version: message.version };
}

function resolve(options: OpenTableOptions): ExtractionOptions {
  const { useBigInt = true, useBigIntTimestamp = true, useDecimalInt = true } = options;
  const { useDate = false, useMap = false, useProxy = false } = options;
  return { useBigInt, useBigIntTimestamp, useDecimalInt, useDate, useMap, useProxy };
}
