/*
 * What a subscriber wants of the messages of its pattern, as data that crosses the wire:
 *
 *   { "priority": { "gte": "high" }, "metadata.region": "eu", "payload.items.0.price": { "gt": 10, "lt": 20 } }
 *
 * A key is a path, its value a scalar that must be equal or a map of operators that must all hold. All keys must hold. The key `any` is a
 * list of filters, one of which must hold, the key `not` a filter that must not.
 *
 * Paths. `metadata.<key>` is one key, dots and all. `payload` is the payload, `payload.a.0` the first of the list that it has under `a`.
 * Maps and lists are entered, nothing else is, and only what is their own is found.
 *
 * Comparing. Numbers compare by what they are worth, whether number, bigint or Float; text by its UTF-16 code units; priorities by their
 * rank. Different types are never equal, and neither is more than the other. Where nothing is, only `exists: false` holds; so `ne` asks
 * for something that is there and different, while `not` also takes what is not there.
 */

import type { Float, Priority } from "@amphis/protocol";

import { FilterParser } from "./filter/parse.ts";
import type { Filterable, Test } from "./filter/subject.ts";

export type { Filterable } from "./filter/subject.ts";

/** A value that a filter compares with. */
export type FilterScalar = null | boolean | number | bigint | string | Float;

/** Operators on one path; all of them hold. */
export interface FilterOperators<T extends FilterScalar = FilterScalar> {
  readonly eq?: T | undefined;
  /** There is a value, and it is another. */
  readonly ne?: T | undefined;
  readonly gt?: Exclude<T, null | boolean> | undefined;
  readonly gte?: Exclude<T, null | boolean> | undefined;
  readonly lt?: Exclude<T, null | boolean> | undefined;
  readonly lte?: Exclude<T, null | boolean> | undefined;
  /** It equals one of these. */
  readonly in?: readonly T[] | undefined;
  /** Whether there is a value at all, nil too. */
  readonly exists?: boolean | undefined;
  /** Text begins with this. */
  readonly prefix?: string | undefined;
  /** Text of at most 1,024 characters matches this glob; longer text never does. */
  readonly glob?: string | undefined;
}

/** What is asked of one path: to be equal, or operators. */
export type FilterCondition<T extends FilterScalar = FilterScalar> = T | FilterOperators<T>;

/** A filter as it is written and as it travels. */
export interface FilterInit {
  readonly priority?: FilterCondition<Priority> | undefined;
  readonly source?: FilterCondition<string> | undefined;
  readonly topic?: FilterCondition<string> | undefined;
  readonly [metadata: `metadata.${string}`]: FilterCondition | undefined;
  readonly payload?: FilterCondition | undefined;
  readonly [payload: `payload.${string}`]: FilterCondition | undefined;
  /** One of these holds. */
  readonly any?: readonly FilterInit[] | undefined;
  /** This does not hold. */
  readonly not?: FilterInit | undefined;
}

/** A filter, ready to be asked. Made by {@link parseFilter}. */
export class Filter {
  /** Whether it looks at the payload; else the payload need not be decoded. */
  readonly needsPayload: boolean;
  readonly #test: Test;

  constructor(test: Test, needsPayload: boolean) {
    this.#test = test;
    this.needsPayload = needsPayload;
  }

  /** Whether a message is wanted. Never throws: one that cannot be read (a proxy, a getter) is not wanted. */
  matches(message: Filterable): boolean {
    try {
      return this.#test(message);
    } catch {
      return false;
    }
  }
}

/**
 * Makes a filter of what a subscriber or a peer sent.
 *
 * @throws {AmphisError} FILTER_INVALID with where and why: an unknown path or operator, a value that does not fit, more than 8 levels or
 *   256 conditions, where each of a list counts, and a glob for every 32 characters
 */
export function parseFilter(value: unknown): Filter {
  const parser = new FilterParser();
  const test = parser.parse(value, "", 1);
  return new Filter(test, parser.needsPayload);
}
