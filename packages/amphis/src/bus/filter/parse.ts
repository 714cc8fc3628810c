import { nearNames } from "@amphis/protocol";

import { invalid, isRecord, kindOf } from "./invalid.ts";
import { expectOperand, expectRank, isScalar } from "./operand.ts";
import { comparable, OPERATORS, type Judge, type Operator } from "./operator.ts";
import {
  readMetadata,
  readPayload,
  readPriority,
  readSource,
  readTopic,
  type Read,
  type Test,
} from "./subject.ts";

const MAX_DEPTH = 8;
const MAX_CONDITIONS = 256;
/** Characters of a glob that count as one condition: they cost about as much. */
const GLOB_CHARACTERS = 32;
const MAX_PATH = 4_096;
const FIELDS = ["priority", "source", "topic", "metadata", "payload", "any", "not"];
const OPERATOR_NAMES = Object.keys(OPERATORS) as Operator[];

/** Reads one filter as data, and counts what it holds. Data of a peer: every form is possible. */
export class FilterParser {
  #conditions = 0;
  #needsPayload = false;

  /** Whether a path led into the payload. */
  get needsPayload(): boolean {
    return this.#needsPayload;
  }

  /**
   * @param at where the filter is, for errors
   * @throws {AmphisError} FILTER_INVALID
   */
  parse(value: unknown, at: string, depth: number): Test {
    if (depth > MAX_DEPTH) throw invalid(at, `it is more than ${MAX_DEPTH} levels deep`);
    const tests = entriesOf(value, at, "a filter").map(([key, asked]) =>
      this.#parseKey(key, asked, at === "" ? key : `${at}.${key}`, depth),
    );
    const [only] = tests;
    if (tests.length === 1 && only !== undefined) return only;
    return (message) => tests.every((test) => test(message));
  }

  #parseKey(key: string, asked: unknown, at: string, depth: number): Test {
    if (key === "not") {
      const test = this.parse(asked, at, depth + 1);
      return (message) => !test(message);
    }
    if (key === "any") return this.#parseAny(asked, at, depth);
    const read = this.#parsePath(key, at);
    const judges = this.#parseCondition(asked, at, key === "priority");
    const [only] = judges;
    if (judges.length === 1 && only !== undefined) {
      return (message) => only(comparable(read(message)));
    }
    return (message) => {
      const value = comparable(read(message));
      return judges.every((judge) => judge(value));
    };
  }

  #parseAny(asked: unknown, at: string, depth: number): Test {
    if (!Array.isArray(asked) || asked.length === 0) {
      throw invalid(at, `it must be a list of filters, got ${kindOf(asked)}`);
    }
    this.#count(asked.length, at);
    const tests = asked.map((one: unknown, index) => this.parse(one, `${at}.${index}`, depth + 1));
    return (message) => tests.some((test) => test(message));
  }

  #parsePath(key: string, at: string): Read {
    if (key.length > MAX_PATH) {
      throw invalid(at, `it is a path of more than ${MAX_PATH} characters`);
    }
    switch (key) {
      case "priority":
        return readPriority;
      case "source":
        return readSource;
      case "topic":
        return readTopic;
      default:
    }
    const [field = "", ...levels] = key.split(".");
    if (field === "metadata") {
      if (key.length <= "metadata.".length) throw invalid(at, "it must name a key: metadata.<key>");
      return readMetadata(key.slice("metadata.".length));
    }
    if (field === "payload") {
      if (levels.includes("")) throw invalid(at, "a level of the path is empty");
      this.#needsPayload = true;
      return readPayload(levels);
    }
    if (levels.length > 0 && FIELDS.includes(field)) throw invalid(at, `${field} has no levels`);
    throw invalid(at, unknownName("path", field, FIELDS));
  }

  #parseCondition(asked: unknown, at: string, ranked: boolean): Judge[] {
    if (isScalar(asked)) return [this.#parseOperator("eq", asked, at, ranked)];
    if (Array.isArray(asked)) {
      throw invalid(at, "it must be a scalar or a map of operators, got a list: in takes a list");
    }
    const judges = entriesOf(asked, at, "a scalar or a map of operators").map(([name, operand]) =>
      this.#parseOperator(name, operand, `${at}.${name}`, ranked),
    );
    if (judges.length === 0) throw invalid(at, "it names no operator");
    return judges;
  }

  #parseOperator(name: string, operand: unknown, at: string, ranked: boolean): Judge {
    if (!isOperator(name)) throw invalid(at, unknownName("operator", name, OPERATOR_NAMES));
    this.#count(weightOf(operand, name), at);
    expectOperand(name, operand, at);
    if (!ranked || name === "exists") return OPERATORS[name](operand);
    if (name === "prefix" || name === "glob") throw invalid(at, "a priority is compared by rank");
    return OPERATORS[name](
      Array.isArray(operand)
        ? operand.map((each) => expectRank(each, at))
        : expectRank(operand, at),
    );
  }

  #count(conditions: number, at: string): void {
    this.#conditions += conditions;
    if (this.#conditions > MAX_CONDITIONS) {
      throw invalid(at, `the filter has more than ${MAX_CONDITIONS} conditions`);
    }
  }
}

function isOperator(name: string): name is Operator {
  return Object.hasOwn(OPERATORS, name);
}

/** As how many conditions an operator counts. */
function weightOf(operand: unknown, name: Operator): number {
  if (Array.isArray(operand)) return Math.max(1, operand.length);
  return name === "glob" && typeof operand === "string"
    ? Math.ceil((operand.length + 1) / GLOB_CHARACTERS)
    : 1;
}

/** What a map holds, without what is undefined: that does not travel either. */
function entriesOf(value: unknown, at: string, expected: string): (readonly [string, unknown])[] {
  const entries = value instanceof Map ? [...value] : isRecord(value) ? Object.entries(value) : [];
  if (!(value instanceof Map) && !isRecord(value)) {
    throw invalid(at, `it must be ${expected}, got ${kindOf(value)}`);
  }
  return entries.filter((entry): entry is [string, unknown] => {
    if (typeof entry[0] !== "string") throw invalid(at, "it has a key that is no text");
    return entry[1] !== undefined;
  });
}

function unknownName(what: string, name: string, names: readonly string[]): string {
  const [near] = nearNames(name, names);
  return near === undefined
    ? `there is no such ${what}; there are ${names.join(", ")}`
    : `there is no such ${what}; ${near} is near`;
}
