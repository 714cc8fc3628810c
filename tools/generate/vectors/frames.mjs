const bytes = (length) => Uint8Array.from({ length }, (_, index) => (index * 11 + 3) & 255);

const KINDS = [
  "hello",
  "message",
  "call",
  "program",
  "result",
  "error",
  "item",
  "credit",
  "cancel",
  "callback",
  "release",
  "ping",
  "pong",
  "log",
  "event",
  "end",
  "memory",
];

/**
 * @typedef {object} FrameRow
 * @property {string} name
 * @property {string} kind
 * @property {number} [callId]
 * @property {string} [priority]
 * @property {string} [codec]
 * @property {number} [version]
 * @property {Uint8Array} body
 * @property {readonly { kind: string, data: Uint8Array }[]} [attachments]
 */

/**
 * Frames of every kind and with every shape of attachments.
 *
 * @returns {FrameRow[]}
 */
export function frames() {
  return [
    ...KINDS.map((kind, index) => ({
      name: `${kind} with a body of ${index}`,
      kind,
      callId: index,
      body: bytes(index),
    })),
    { name: "largest call id", kind: "call", callId: Number.MAX_SAFE_INTEGER, body: bytes(1) },
    { name: "call id beyond 32 bits", kind: "result", callId: 2 ** 32 + 5, body: bytes(1) },
    {
      name: "low priority, compact",
      kind: "message",
      priority: "low",
      codec: "compact",
      body: bytes(5),
    },
    {
      name: "high priority, json",
      kind: "message",
      priority: "high",
      codec: "json",
      body: bytes(5),
    },
    { name: "critical", kind: "cancel", priority: "critical", callId: 9, body: bytes(3) },
    { name: "hello of a later version", kind: "hello", version: 7, body: bytes(4) },
    {
      name: "one empty attachment",
      kind: "call",
      callId: 1,
      body: bytes(8),
      attachments: [{ kind: "inline", data: bytes(0) }],
    },
    {
      name: "attachment behind an empty body",
      kind: "call",
      callId: 1,
      body: bytes(0),
      attachments: [{ kind: "inline", data: bytes(8) }],
    },
    {
      name: "attachments that need padding",
      kind: "call",
      callId: 2,
      body: bytes(3),
      attachments: [
        { kind: "inline", data: bytes(1) },
        { kind: "inline", data: bytes(9) },
        { kind: "inline", data: bytes(16) },
      ],
    },
    {
      name: "a reference beside inline bytes",
      kind: "result",
      callId: 3,
      body: bytes(13),
      attachments: [
        { kind: "reference", data: bytes(77) },
        { kind: "inline", data: bytes(2) },
      ],
    },
  ];
}
