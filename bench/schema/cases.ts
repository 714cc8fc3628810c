import { compileSchema, type TSchema, t } from "@amphis/protocol/schema";
import { Compile } from "typebox/compile";

import type { Case, Cases } from "../runner/index.ts";

/** A nested message: four objects, a list of three, a record and two unions. */
const ITEM = t.object({
  id: t.integer({ minimum: 1 }),
  label: t.string({ minLength: 1, maxLength: 40 }),
  price: t.number({ minimum: 0 }),
});
const ORDER = t.object({
  kind: t.literal("order"),
  id: t.string({ pattern: "^[a-z0-9-]{4,40}$" }),
  customer: t.object({
    name: t.string({ minLength: 1 }),
    email: t.string({ maxLength: 80 }),
    age: t.optional(t.integer({ minimum: 0, maximum: 150 })),
  }),
  state: t.choice(["open", "paid", "sent", "done"]),
  items: t.array(ITEM, { minItems: 1, maxItems: 100 }),
  tags: t.record(t.string(), t.string()),
  delivery: t.union([
    t.object({ by: t.literal("post"), street: t.string(), city: t.string() }),
    t.object({ by: t.literal("pickup"), shop: t.integer() }),
  ]),
  note: t.union([t.string(), t.nil()]),
});

function order(lastPrice: unknown): unknown {
  return {
    kind: "order",
    id: "a1b2-c3d4-e5f6",
    customer: { name: "Ada Lovelace", email: "ada@example.org", age: 36 },
    state: "paid",
    items: [
      { id: 1, label: "red", price: 1.5 },
      { id: 2, label: "green", price: 20 },
      { id: 3, label: "blue", price: lastPrice },
    ],
    tags: { source: "web", campaign: "spring" },
    delivery: { by: "pickup", shop: 12 },
    note: null,
  };
}

const VALID = order(0.25);
/** Wrong in the last item, so that most of the message is looked at first. */
const INVALID = order("free");

let sink: unknown;

function checking(check: (value: unknown) => boolean, expected: boolean): Case {
  const value = expected ? VALID : INVALID;
  if (check(value) !== expected) {
    throw new Error(`Cannot measure check: it does not say ${String(expected)}`);
  }
  return {
    run(count) {
      for (let i = 0; i < count; i += 1) sink = check(value);
    },
  };
}

function ours(expected: boolean): Case {
  const validator = compileSchema(ORDER);
  return checking((value) => validator.check(value), expected);
}

function typebox(expected: boolean): Case {
  const validator = Compile(ORDER);
  return checking((value) => validator.Check(value), expected);
}

function failures(): Case {
  const validator = compileSchema(ORDER);
  return {
    run(count) {
      for (let i = 0; i < count; i += 1) sink = validator.failures(INVALID);
    },
  };
}

function compiling(): Case {
  const text = JSON.stringify(ORDER);
  return {
    run(count) {
      for (let i = 0; i < count; i += 1) sink = compileSchema(JSON.parse(text) as TSchema);
    },
  };
}

export const cases: Cases = {
  "check, valid": () => ours(true),
  "check, valid, typebox": () => typebox(true),
  "check, invalid": () => ours(false),
  "check, invalid, typebox": () => typebox(false),
  "list the failures": failures,
  "compile the schema": compiling,
};

export function used(): unknown {
  return sink;
}
