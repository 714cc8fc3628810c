/** What the codecs carry, as plain objects that every rival can take. */

/** A small call: about 30 bytes. */
export const small = { id: 7, op: "multiply", args: [3, 2.5, "row"] };

/** Twelve fields, two ids, a body of 32 bytes: the message that most of the traffic is. */
export const envelope = {
  type: "request",
  priority: "high",
  ttlMs: 2_500,
  target: "worker/images",
  id: "0198c7f2-8a1b-7c3d-9e4f-5a6b7c8d9e0f",
  correlationId: "0198c7f2-8a1b-7c3d-9e4f-5a6b7c8d9e10",
  source: "service/api",
  timestamp: 1_763_692_800_123,
  schema: "image.resize",
  version: 2,
  metadata: { trace: "4bf92f3577b34da6" },
  payload: Uint8Array.from({ length: 32 }, () => 7),
};

/** A page of records and 32 KiB of bytes. */
export const page = {
  id: "0198c7f2-8a1b-7c3d-9e4f-5a6b7c8d9e0f",
  rows: Array.from({ length: 500 }, (_, index) => ({
    name: `customer ${index}`,
    score: index * 1.37 + 0.5,
    visits: index * 31,
    active: index % 3 === 0,
    tags: ["blue", "returning", `region ${index % 7}`],
  })),
  blob: Uint8Array.from({ length: 32_768 }, (_, index) => index & 255),
};

const text = { type: "string" };
const u32 = { "x-amphis": "u32" };
const bytes = { "x-amphis": "bytes" };

function record(properties: object): object {
  return { type: "object", properties, required: Object.keys(properties) };
}

/** Schemas of the three, for the codecs that need one. */
export const schemas = {
  small: record({
    id: u32,
    op: text,
    args: { type: "array", items: { anyOf: [{ type: "integer" }, { type: "number" }, text] } },
  }),
  envelope: record({
    type: { enum: ["request", "response", "event", "error", "heartbeat"] },
    priority: { enum: ["low", "normal", "high", "critical"] },
    ttlMs: { "x-amphis": "u64" },
    target: text,
    id: text,
    correlationId: text,
    source: text,
    timestamp: { "x-amphis": "u64" },
    schema: text,
    version: u32,
    metadata: { type: "object", additionalProperties: text },
    payload: bytes,
  }),
  page: record({
    id: text,
    rows: {
      type: "array",
      items: record({
        name: text,
        score: { type: "number" },
        visits: u32,
        active: { type: "boolean" },
        tags: { type: "array", items: text },
      }),
    },
    blob: bytes,
  }),
};
