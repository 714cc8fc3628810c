import {
  Attachment,
  Complex,
  Decimal,
  Duration,
  Ext,
  Float,
  formatValue,
  Handle,
  LocalDate,
  LocalDateTime,
  LocalTime,
  Path,
  Timestamp,
  Tuple,
  Uuid,
  type Value,
} from "@amphis/protocol";
import { create } from "@bufbuild/protobuf";

import {
  type Entry as ProtoEntry,
  EntrySchema,
  type List as ProtoList,
  ListSchema,
  type Map as ProtoMap,
  MapSchema,
  type Value as ProtoValue,
  ValueSchema,
} from "../generated/index.ts";
import { bytesOfInt } from "./integer.ts";
import { type ConvertOptions, resolveConvertOptions } from "./options.ts";
import { Place } from "./place.ts";
import { bytesOfUuid } from "./uuid.ts";

type Kind = ProtoValue["kind"];

/**
 * A value as its message.
 *
 * @throws {AmphisError} VALUE_UNSUPPORTED, VALUE_OUT_OF_RANGE, DEPTH_EXCEEDED
 */
export function valueToProto(value: Value, options?: ConvertOptions): ProtoValue {
  return new ValueWriter(new Place("value"), options).value(value);
}

/** Writes the values of one message. */
export class ValueWriter {
  readonly place: Place;
  readonly #maxDepth: number;
  #depth = 0;

  constructor(place: Place, options?: ConvertOptions) {
    this.place = place;
    this.#maxDepth = resolveConvertOptions(options).maxDepth;
  }

  value(value: Value): ProtoValue {
    return create(ValueSchema, { kind: this.#kind(value) });
  }

  /** A map whose keys are all strings. */
  record(record: object): ProtoMap {
    return this.#map(entriesOf(record));
  }

  #kind(value: Value): Kind {
    switch (typeof value) {
      case "undefined":
        return nil();
      case "boolean":
        return { case: "boolean", value };
      case "number":
        return this.#number(value);
      case "bigint":
        return this.#bigint(value);
      case "string":
        return { case: "text", value: this.text(value) };
      case "object":
        return value === null ? nil() : (this.#scalar(value) ?? this.#container(value));
      default:
        throw this.#unsupported(value);
    }
  }

  /** @throws {AmphisError} VALUE_UNSUPPORTED for half a surrogate pair, which would silently become another character */
  text(text: string): string {
    if (/\p{Cs}/u.test(text)) {
      throw this.place.refused(
        "VALUE_UNSUPPORTED",
        "a string of valid Unicode",
        "a lone surrogate",
      );
    }
    return text;
  }

  #number(value: number): Kind {
    const isInt = Number.isSafeInteger(value) && !Object.is(value, -0);
    return isInt ? { case: "integer", value: BigInt(value) } : { case: "floating", value };
  }

  #bigint(value: bigint): Kind {
    if (BigInt.asIntN(64, value) === value) return { case: "integer", value };
    const bytes = bytesOfInt(value);
    if (bytes === undefined) {
      throw this.place.refused(
        "VALUE_OUT_OF_RANGE",
        "an int of at most 8192 bytes",
        "a longer int",
      );
    }
    return { case: "bigInteger", value: bytes };
  }

  #scalar(value: object): Kind | undefined {
    if (value instanceof Uint8Array) {
      return { case: "binary", value: value as Uint8Array<ArrayBuffer> };
    }
    if (value instanceof ArrayBuffer) return { case: "binary", value: new Uint8Array(value) };
    if (value instanceof Float) return { case: "floating", value: value.value };
    if (value instanceof Date) return this.#instant(value);
    if (value instanceof Uuid) return { case: "uuid", value: bytesOfUuid(value.text) };
    if (value instanceof Decimal) return { case: "decimal", value: value.text };
    if (value instanceof LocalDate) return { case: "date", value: value.text };
    if (value instanceof LocalTime) return { case: "time", value: value.text };
    if (value instanceof LocalDateTime) return { case: "datetime", value: value.text };
    if (value instanceof Path) return { case: "path", value: this.text(value.text) };
    return this.#record(value);
  }

  #record(value: object): Kind | undefined {
    const message = <C extends string, T>(name: C, fields: T): { case: C; value: T } => ({
      case: name,
      value: fields,
    });
    if (value instanceof Duration) {
      return message("duration", {
        seconds: BigInt(value.seconds),
        microseconds: value.microseconds,
      }) as Kind;
    }
    if (value instanceof Complex) return message("complex", { re: value.re, im: value.im }) as Kind;
    if (value instanceof Handle) {
      return message("handle", { id: BigInt(value.id), type: this.text(value.type) }) as Kind;
    }
    if (value instanceof Ext) {
      return message("extension", { code: value.code, data: value.data }) as Kind;
    }
    return undefined;
  }

  #instant(date: Date): Kind {
    const ms = date.getTime();
    const seconds = Math.floor(ms / 1_000);
    const nanoseconds =
      date instanceof Timestamp ? date.nanoseconds : (ms - seconds * 1_000) * 1_000_000;
    if (!Timestamp.isValid(seconds, nanoseconds)) {
      throw this.place.refused(
        "VALUE_OUT_OF_RANGE",
        "an instant in the years 0000 to 9999",
        "another or an invalid Date",
      );
    }
    return { case: "timestamp", value: { seconds: BigInt(seconds), nanoseconds } } as Kind;
  }

  #container(value: object): Kind {
    if (value instanceof Tuple) {
      return { case: "tuple", value: this.#list(value as Iterable<Value>) };
    }
    if (Array.isArray(value)) return { case: "list", value: this.#list(value as Iterable<Value>) };
    if (value instanceof Set) {
      return { case: "set", value: this.#list(value as Iterable<Value>, true) };
    }
    if (value instanceof Map) {
      return { case: "map", value: this.#map(value as Iterable<readonly [Value, Value]>) };
    }
    if (value instanceof Attachment) return this.#attachment(value);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) throw this.#unsupported(value);
    return { case: "map", value: this.record(value) };
  }

  #attachment({ index, format, meta }: Attachment): Kind {
    const fields = {
      index,
      format: this.text(format),
      meta: this.place.in(".meta", () => this.record(meta)),
    };
    return { case: "attachment", value: fields } as Kind;
  }

  #list(items: Iterable<Value>, keys = false): ProtoList {
    return this.#deeper(() => {
      const written = Array.from(items, (item, index) =>
        this.place.in(`[${index}]`, () => (keys ? this.#key(item) : this.value(item))),
      );
      return create(ListSchema, { items: written });
    });
  }

  #map(entries: Iterable<readonly [Value, Value]>): ProtoMap {
    return this.#deeper(() =>
      create(MapSchema, { entries: Array.from(entries, (entry) => this.#entry(entry)) }),
    );
  }

  #entry([key, value]: readonly [Value, Value]): ProtoEntry {
    const step = typeof key === "string" ? `[${JSON.stringify(key)}]` : `.get(${formatValue(key)})`;
    return this.place.in(step, () =>
      create(EntrySchema, { key: this.#key(key), value: this.value(value) }),
    );
  }

  #key(key: Value): ProtoValue {
    if (!isHashable(key)) {
      throw this.place.refused(
        "VALUE_UNSUPPORTED",
        "a scalar or a tuple of scalars as a key",
        formatValue(key),
      );
    }
    return this.value(key);
  }

  #deeper<T>(write: () => T): T {
    if (this.#depth >= this.#maxDepth) throw this.place.tooDeep(this.#maxDepth);
    this.#depth += 1;
    const written = write();
    this.#depth -= 1;
    return written;
  }

  #unsupported(value: unknown): Error {
    return this.place.refused("VALUE_UNSUPPORTED", "a value", formatValue(value));
  }
}

function nil(): Kind {
  return { case: "nil", value: {} } as Kind;
}

function entriesOf(record: object): Iterable<readonly [Value, Value]> {
  if (record instanceof Map) return record as Iterable<readonly [Value, Value]>;
  return Object.entries(record as Readonly<Record<string, Value>>).filter(
    ([, value]) => value !== undefined,
  );
}

/** Python must be able to hash a key. */
function isHashable(key: Value): boolean {
  if (typeof key !== "object" || key === null) return true;
  if (key instanceof Tuple) return (key as Tuple<Value>).every(isHashable);
  const classes = [
    Uint8Array,
    ArrayBuffer,
    Float,
    Date,
    Uuid,
    Decimal,
    LocalDate,
    LocalTime,
    LocalDateTime,
    Duration,
    Complex,
    Path,
  ];
  return classes.some((type) => key instanceof type);
}
