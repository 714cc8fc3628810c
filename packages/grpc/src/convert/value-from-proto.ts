import {
  Attachment,
  Complex,
  Decimal,
  Duration,
  Ext,
  Float,
  Handle,
  LocalDate,
  LocalDateTime,
  LocalTime,
  Path,
  Timestamp,
  Tuple,
  Uuid,
  type Value,
  type ValueMap,
} from "@amphis/protocol";

import type {
  List as ProtoList,
  Map as ProtoMap,
  Value as ProtoValue,
} from "../generated/index.ts";
import { intOfBytes, narrow } from "./integer.ts";
import { type ConvertOptions, resolveConvertOptions } from "./options.ts";
import { Place } from "./place.ts";
import { uuidOfBytes } from "./uuid.ts";

/**
 * The value of a message, which may have come from anyone.
 *
 * @throws {AmphisError} BODY_INVALID with the path, DEPTH_EXCEEDED
 */
export function valueFromProto(message: ProtoValue, options?: ConvertOptions): Value {
  return new ValueReader(new Place("value"), options).value(message);
}

type Kind = Exclude<ProtoValue["kind"], { case: undefined }>;
type KindOf<C extends Kind["case"]> = Extract<Kind, { case: C }>["value"];

/** Reads the values of one message. */
export class ValueReader {
  readonly place: Place;
  readonly #options: Required<ConvertOptions>;
  #depth = 0;

  constructor(place: Place, options?: ConvertOptions) {
    this.place = place;
    this.#options = resolveConvertOptions(options);
  }

  value(message: ProtoValue | undefined): Value {
    const kind = message?.kind;
    if (kind === undefined || kind.case === undefined) {
      throw this.place.invalid("a value with a kind");
    }
    switch (kind.case) {
      case "nil":
        return null;
      case "boolean":
      case "text":
      case "binary":
        return kind.value;
      case "integer":
        return narrow(kind.value);
      case "floating":
        return this.#options.exactFloats && Number.isSafeInteger(kind.value)
          ? new Float(kind.value)
          : kind.value;
      case "list":
        return this.#items(kind.value);
      case "map":
        return this.map(kind.value);
      case "set":
        return new Set(this.#items(kind.value, true));
      case "tuple":
        return Tuple.from(this.#items(kind.value));
      default:
        return this.#made(kind);
    }
  }

  /** The classes check what they are made of; what they refuse is the peer's mistake. */
  #made(kind: Kind): Value {
    const made = this.#make(kind);
    if (made === undefined) throw this.place.invalid(`a valid ${kind.case}`);
    return made;
  }

  #make(kind: Kind): Value {
    switch (kind.case) {
      case "bigInteger":
        return intOfBytes(kind.value);
      case "date":
        return LocalDate.isText(kind.value) ? new LocalDate(kind.value) : undefined;
      case "time":
        return LocalTime.isText(kind.value) ? new LocalTime(kind.value) : undefined;
      case "datetime":
        return LocalDateTime.isText(kind.value) ? new LocalDateTime(kind.value) : undefined;
      case "decimal":
        return Decimal.isText(kind.value) ? new Decimal(kind.value) : undefined;
      case "path":
        return Path.isText(kind.value) ? new Path(kind.value) : undefined;
      case "uuid":
        return uuid(kind.value);
      case "complex":
        return new Complex(kind.value.re, kind.value.im);
      case "extension":
        return Ext.isCode(kind.value.code) ? new Ext(kind.value.code, kind.value.data) : undefined;
      case "timestamp":
        return instant(kind.value);
      case "duration":
        return duration(kind.value);
      case "handle":
        return new Handle(
          this.place.in(".id", () => this.place.safe((kind.value as KindOf<"handle">).id)),
          kind.value.type,
        );
      case "attachment":
        return this.#attachment(kind.value);
      default:
        return undefined;
    }
  }

  #attachment({ index, format, meta }: KindOf<"attachment">): Attachment | undefined {
    return Attachment.isIndex(index)
      ? new Attachment(
          index,
          format,
          this.place.in(".meta", () => this.record(meta)),
        )
      : undefined;
  }

  /** A map whose keys are all strings; absent is empty. */
  record(message: ProtoMap | undefined): ValueMap {
    const entries = message === undefined ? [] : this.#entries(message);
    if (entries.some(([key]) => typeof key !== "string")) {
      throw this.place.invalid("a map with string keys");
    }
    return Object.fromEntries(entries) as ValueMap;
  }

  map(message: ProtoMap): Value {
    const entries = this.#entries(message);
    const asObject =
      this.#options.maps === "object" && entries.every(([key]) => typeof key === "string");
    return asObject ? (Object.fromEntries(entries) as ValueMap) : new Map(entries);
  }

  #entries({ entries }: ProtoMap): [Value, Value][] {
    return this.#deeper(() =>
      entries.map(({ key, value }, index) =>
        this.place.in(`.entries[${index}]`, () => [
          this.place.in(".key", () => this.#key(key)),
          this.place.in(".value", () => this.value(value)),
        ]),
      ),
    );
  }

  #items({ items }: ProtoList, keys = false): Value[] {
    return this.#deeper(() =>
      items.map((item, index) =>
        this.place.in(`[${index}]`, () => (keys ? this.#key(item) : this.value(item))),
      ),
    );
  }

  #key(message: ProtoValue | undefined): Value {
    if (!isHashable(message)) throw this.place.invalid("a scalar or a tuple of scalars");
    return this.value(message);
  }

  #deeper<T>(read: () => T): T {
    if (this.#depth >= this.#options.maxDepth) throw this.place.tooDeep(this.#options.maxDepth);
    this.#depth += 1;
    const result = read();
    this.#depth -= 1;
    return result;
  }
}

const UNHASHABLE: ReadonlySet<string | undefined> = new Set([
  "list",
  "map",
  "set",
  "handle",
  "attachment",
  "extension",
]);

function isHashable(message: ProtoValue | undefined): boolean {
  const kind = message?.kind;
  return kind?.case !== "tuple" ? !UNHASHABLE.has(kind?.case) : kind.value.items.every(isHashable);
}

function uuid(bytes: Uint8Array): Uuid | undefined {
  const text = uuidOfBytes(bytes);
  return text === undefined ? undefined : new Uuid(text);
}

function instant({ seconds, nanoseconds }: KindOf<"timestamp">): Date | undefined {
  const whole = Number(seconds);
  if (!Timestamp.isValid(whole, nanoseconds)) return undefined;
  return nanoseconds % 1_000_000 === 0
    ? new Date(whole * 1_000 + nanoseconds / 1_000_000)
    : new Timestamp(whole, nanoseconds);
}

function duration({ seconds, microseconds }: KindOf<"duration">): Duration | undefined {
  return Duration.isValid(Number(seconds), microseconds)
    ? new Duration(Number(seconds), microseconds)
    : undefined;
}
