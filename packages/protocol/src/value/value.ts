import type { Attachment } from "./attachment.ts";
import type { LocalDate, LocalDateTime, LocalTime } from "./local.ts";
import type { Complex } from "./complex.ts";
import type { Decimal } from "./decimal.ts";
import type { Duration } from "./duration.ts";
import type { Ext } from "./ext.ts";
import type { Float } from "./float.ts";
import type { Handle } from "./handle.ts";
import type { Path } from "./path.ts";
import type { Uuid } from "./uuid.ts";

/** What may be a key of a map or an element of a set, tuples of these apart. */
export type Scalar =
  | null
  | boolean
  | number
  | bigint
  | string
  | Float
  | Uint8Array
  | Date
  | LocalDate
  | LocalTime
  | LocalDateTime
  | Duration
  | Decimal
  | Uuid
  | Complex
  | Path;

/** Everything that can travel: the closed set of spec/values.md. `undefined` counts as nil, and a property with it is left out. */
export type Value =
  | Scalar
  | undefined
  | ArrayBuffer
  | Handle
  | Attachment
  | Ext
  | readonly Value[]
  | ValueMap
  | ReadonlyMap<Value, Value>
  | ReadonlySet<Value>;

/** A map whose keys are all strings. */
export interface ValueMap {
  readonly [key: string]: Value;
}
