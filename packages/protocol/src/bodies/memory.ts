import { type Codec, msgpack } from "../codec/index.ts";
import { type AmphisError, encodeError } from "../error/index.ts";
import type { Value } from "../value/index.ts";
import { errorOf } from "./error.ts";
import { Place } from "./place.ts";

/** What the two sides of a channel say of the memory between them (spec/channel.md). */
export type MemoryBody =
  | { readonly kind: "want"; readonly id: number; readonly bytes: number }
  | {
      readonly kind: "lent";
      readonly id: number;
      readonly arena: number;
      readonly generation: number;
      readonly offset: number;
      readonly bytes: number;
    }
  | { readonly kind: "refused"; readonly id: number; readonly error: AmphisError }
  | { readonly kind: "release"; readonly generations: readonly number[] }
  | { readonly kind: "device-release"; readonly ids: readonly number[] }
  | {
      readonly kind: "frame";
      /** Encoded; of the memory that holds a whole frame, which takes the place of this one. */
      readonly reference: Uint8Array;
    };

const MSGPACK = msgpack();
const MAX_GENERATION = 0xffff_ffff;

export function encodeMemory(body: MemoryBody, codec: Codec = MSGPACK): Uint8Array {
  return codec.encode(fieldsOf(body));
}

/** @throws {AmphisError} BODY_INVALID, and what the codec throws for bytes that are no value */
export function decodeMemory(bytes: Uint8Array, codec: Codec = MSGPACK): MemoryBody {
  const place = new Place("memory", codec.decode(bytes));
  const [kindPlace] = place.array(1) as [Place];
  const kind = kindPlace.text();
  switch (kind) {
    case "want": {
      const [, id, wanted] = place.array(3) as [Place, Place, Place];
      return { kind, id: count(id), bytes: count(wanted) };
    }
    case "lent": {
      const [, id, arena, generation, offset, lent] = place.array(6) as [
        Place,
        Place,
        Place,
        Place,
        Place,
        Place,
      ];
      return {
        kind,
        id: count(id),
        arena: count(arena),
        generation: generation.int(0, MAX_GENERATION),
        offset: count(offset),
        bytes: count(lent),
      };
    }
    case "refused": {
      const [, id, error] = place.array(3) as [Place, Place, Place];
      return { kind, id: count(id), error: errorOf(error) };
    }
    case "release": {
      const [, generations] = place.array(2) as [Place, Place];
      return {
        kind,
        generations: generations.array(0).map((generation) => generation.int(0, MAX_GENERATION)),
      };
    }
    case "device-release": {
      const [, ids] = place.array(2) as [Place, Place];
      return { kind, ids: ids.array(0).map(count) };
    }
    case "frame": {
      const [, reference] = place.array(2) as [Place, Place];
      if (!(reference.value instanceof Uint8Array)) throw reference.invalid("bytes");
      return { kind, reference: reference.value };
    }
    default:
      throw kindPlace.invalid('"want", "lent", "refused", "release", "device-release" or "frame"');
  }
}

function fieldsOf(body: MemoryBody): Value {
  switch (body.kind) {
    case "want":
      return ["want", body.id, body.bytes];
    case "lent":
      return ["lent", body.id, body.arena, body.generation, body.offset, body.bytes];
    case "refused":
      return ["refused", body.id, encodeError(body.error) as unknown as Value];
    case "release":
      return ["release", body.generations];
    case "device-release":
      return ["device-release", body.ids];
    case "frame":
      return ["frame", body.reference];
  }
}

function count(place: Place): number {
  return place.int(0, Number.MAX_SAFE_INTEGER);
}
