const ID = "0198c7f2-8a1b-7c3d-9e4f-5a6b7c8d9e0f";
const OTHER_ID = "0198c7f2-8a1b-7c3d-9e4f-5a6b7c8d9e10";
const TIMESTAMP = 1_763_692_800_123;

/** Messages with every field there and absent: `[name, fields]`. */
export function messages({ Decimal, Float }) {
  return [
    [
      "request with every field",
      {
        type: "request",
        priority: "high",
        ttlMs: 2_500,
        target: "worker/images",
        id: ID,
        correlationId: OTHER_ID,
        source: "service/api",
        timestamp: TIMESTAMP,
        schema: "image.resize",
        version: 2,
        metadata: { trace: "4bf92f3577b34da6" },
        payload: Uint8Array.from({ length: 32 }, () => 7),
      },
    ],
    ["event with nothing but a payload", { type: "event", id: ID, timestamp: 0, payload: null }],
    [
      "response with a record",
      {
        type: "response",
        id: ID,
        correlationId: OTHER_ID,
        target: "service/api",
        source: "worker/images",
        timestamp: TIMESTAMP,
        payload: { price: new Decimal("12.50"), sizes: [1, 2.5, new Float(3)], none: null },
      },
    ],
    [
      "error",
      {
        type: "error",
        priority: "critical",
        id: ID,
        correlationId: OTHER_ID,
        timestamp: TIMESTAMP,
        payload: { code: "REMOTE_FAILURE", message: "no" },
      },
    ],
    [
      "heartbeat that expires at once",
      {
        type: "heartbeat",
        priority: "low",
        ttlMs: 0,
        id: ID,
        timestamp: Number.MAX_SAFE_INTEGER,
        payload: 0,
      },
    ],
    [
      "request with names in UTF-8 and the longest TTL",
      {
        type: "request",
        ttlMs: Number.MAX_SAFE_INTEGER,
        target: "größe/日本",
        source: "a".repeat(1_024),
        id: ID,
        timestamp: TIMESTAMP,
        schema: "s",
        version: 4_294_967_295,
        metadata: { nested: { list: [1, [2]] }, flag: true },
        payload: [],
      },
    ],
  ];
}
