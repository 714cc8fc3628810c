import { AmphisError } from "../../error/index.ts";
import { describeKind } from "../../value/index.ts";
import { ByteWriter } from "../bytes/index.ts";
import { explainRefusal, locate as locateLeaf, Refusal } from "../refusal.ts";
import { entriesOf, type LayoutWriter } from "./encode/layout.ts";
import { fits, recordOf } from "./fits.ts";
import { type Layout, layoutOf } from "./layout.ts";

type Child = readonly [step: string, layout: Layout, value: unknown];

/** The error for what an encoder threw: a refusal with the path of the part that does not fit, anything else as it is. */
export function explain(
  thrown: unknown,
  layout: Layout,
  value: unknown,
  writer: LayoutWriter,
  maxDepth: number,
): unknown {
  if (!(thrown instanceof Refusal) || thrown.code === "DEPTH_EXCEEDED") {
    return explainRefusal(thrown, value, "compact", maxDepth);
  }
  const { leaf, code, expected } = thrown;
  const path = `$${new Search(writer).below(layout, value, leaf, maxDepth)}`;
  const received = leaf === undefined ? "nothing" : describeKind(leaf);
  return new AmphisError(
    code,
    `Cannot encode compact: ${path} must be ${expected}, got ${received}`,
    { path, expected, received },
  );
}

/** Finds the innermost part that cannot be written, by writing the parts alone. */
class Search {
  readonly #writer: LayoutWriter;
  readonly #scratch = new ByteWriter();

  constructor(writer: LayoutWriter) {
    this.#writer = writer;
  }

  below(layout: Layout, value: unknown, leaf: unknown, left: number): string {
    if (layout.kind === "value") return locateLeaf(value, leaf, left)?.slice(1) ?? "";
    for (const [step, inner, part] of childrenOf(layout, value, left)) {
      if (!this.#writes(inner, part, left)) return step + this.below(inner, part, leaf, left);
    }
    return "";
  }

  #writes(layout: Layout, value: unknown, left: number): boolean {
    this.#scratch.begin();
    try {
      this.#writer.write(layout, this.#scratch, value, left);
      return true;
    } catch (error) {
      if (error instanceof Refusal) return false;
      throw error;
    }
  }
}

function childrenOf(layout: Layout, value: unknown, left: number): readonly Child[] {
  switch (layout.kind) {
    case "reference":
      return [["", layoutOf(layout.definition), value]];
    case "option":
      return value === null || value === undefined ? [] : [["", layout.inner, value]];
    case "variant": {
      const member = layout.members.find((candidate) => fits(candidate, value, left));
      return member === undefined ? [] : [["", member, value]];
    }
    case "list":
    case "array":
      return Array.isArray(value)
        ? value.map((item, index): Child => [`[${index}]`, layout.items, item])
        : [];
    case "tuple":
      return Array.isArray(value)
        ? layout.members.map((member, index): Child => [`[${index}]`, member, value[index]])
        : [];
    case "set":
      return value instanceof Set
        ? [...value].map((item): Child => ["{}", layout.items, item])
        : [];
    default:
      return typeof value === "object" && value !== null ? membersOf(layout, value) : [];
  }
}

function membersOf(layout: Layout, value: object): readonly Child[] {
  const record = recordOf(value);
  switch (layout.kind) {
    case "struct":
      if (record === undefined) return [];
      return layout.properties
        .filter(({ name }) => Object.hasOwn(record, name) && record[name] !== undefined)
        .map(({ name, layout: inner }): Child => [stepOf(name), inner, record[name]]);
    case "record":
      return record === undefined
        ? []
        : Object.keys(record).map((name): Child => [stepOf(name), layout.values, record[name]]);
    case "map":
      if (record === undefined && !(value instanceof Map)) return [];
      return entriesOf(value).flatMap(([key, item]): Child[] => [
        [".keys()", layout.keys, key],
        [typeof key === "string" ? stepOf(key) : `.get(${describeKind(key)})`, layout.values, item],
      ]);
    default:
      return [];
  }
}

/** One step of a path to a property: `.name`, or `["any text"]`. */
function stepOf(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}
