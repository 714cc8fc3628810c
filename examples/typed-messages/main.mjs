// A contract written once, in TypeScript; its messages are checked, packed by it, and read by Python.

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

// #region contract
import { Decimal, encodeFrame, isAmphisError, Message, messageCodec } from "@amphis/protocol";
import { defineSchema, SchemaRegistry, t } from "@amphis/protocol/schema";

const quote = defineSchema(
  "pricing.quote",
  1,
  t.object({
    item: t.string({ minLength: 1 }),
    amount: t.u32({ minimum: 1 }),
    price: t.decimal(),
    note: t.optional(t.string()),
  }),
);

const registry = new SchemaRegistry();
const { validator } = registry.register(quote);
// #endregion contract

// #region encode
const message = new Message({
  type: "request",
  target: "pricing",
  schema: quote.name,
  version: quote.version,
  ttlMs: 2_500,
  payload: validator.validate({ item: "Bücherregal", amount: 2, price: new Decimal("199.90") }),
});

const compact = messageCodec("compact", { contracts: registry });
const bytes = compact.encode(message);
// #endregion encode

const plain = messageCodec("json").encode(message);
console.log(
  `The message takes ${bytes.length} bytes by its contract and ${plain.length} bytes as JSON`,
);

// #region refuse
try {
  validator.validate({ item: "", amount: 0, price: "cheap" });
} catch (error) {
  if (!isAmphisError(error, "VALIDATION_FAILED")) throw error;
  for (const { path, expected, received } of error.failures) {
    console.log(`${path} must be ${expected}, got ${received}`);
  }
}
// #endregion refuse

const reader = fileURLToPath(new URL("reader.py", import.meta.url));
const peer = spawn(
  process.env["AMPHIS_PYTHON"] ?? "python3",
  [reader, JSON.stringify(quote.schema)],
  {
    stdio: ["pipe", "inherit", "inherit"],
  },
);
peer.stdin.end(encodeFrame({ kind: "message", codec: "compact", body: bytes }));
await new Promise((resolve, reject) => {
  peer.once("error", reject);
  peer.once("exit", (code) =>
    code === 0
      ? resolve(undefined)
      : reject(new Error(`Cannot go on: the reader stopped with exit code ${code}`)),
  );
});
