import { readFileSync } from "node:fs";

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { arbitraryValue } from "@amphis/conformance/codec";

import {
  Attachment,
  type CodecName,
  codec,
  decodeError,
  Message,
  messageCodec,
  msgpack,
  Path,
  Tuple,
  type Value,
} from "../src/index.ts";
import { python, PythonPeer } from "./peer/peer.ts";

const CODECS: readonly CodecName[] = ["msgpack", "compact", "json"];

interface Row {
  readonly name: string;
  readonly json: string;
  readonly msgpack: string;
  readonly compact: string;
}

function vectors(file: string): Row[] {
  return JSON.parse(
    readFileSync(new URL(`../../../spec/vectors/${file}`, import.meta.url), "utf8"),
  ) as Row[];
}

function bytesOf(row: Row, name: CodecName): Uint8Array {
  return name === "json" ? Buffer.from(row.json) : Buffer.from(row[name], "hex");
}

/**
 * A value without what Python spells or orders in its own way: sets of more than one element, maps whose keys it may find equal (`1` and
 * `true`), paths that it shortens.
 */
function settled(value: Value): Value {
  if (value instanceof Path) return new Path("data/x.csv");
  if (value instanceof Set) {
    return new Set([...(value as ReadonlySet<Value>)].slice(0, 1).map(settled));
  }
  if (value instanceof Map) {
    const entries = [...(value as ReadonlyMap<Value, Value>)].map(
      ([key, item]) => [settled(key), settled(item)] as const,
    );
    return new Map(
      entries.every(([key]) => typeof key === "string") ? entries : entries.slice(0, 1),
    );
  }
  if (value instanceof Tuple) return Tuple.from(value as Tuple<Value>, settled);
  if (Array.isArray(value)) return (value as Value[]).map(settled);
  if (value instanceof Attachment) {
    return new Attachment(value.index, value.format, settled(value.meta) as typeof value.meta);
  }
  if (
    typeof value !== "object" ||
    value === null ||
    Object.getPrototypeOf(value) !== Object.prototype
  ) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, settled(item as Value)]),
  );
}

if (python === undefined) {
  test("cross-language tests", ({ skip }) =>
    skip("AMPHIS_PYTHON names no interpreter; run them with npm test"));
}

if (python !== undefined) {
  describe("between TypeScript and Python", () => {
    let peer: PythonPeer;

    beforeAll(() => {
      peer = new PythonPeer(new URL("peer/echo.py", import.meta.url), python ?? "");
    });

    afterAll(async () => {
      await peer[Symbol.asyncDispose]();
    });

    test.each(CODECS)("Python encodes every golden value to the same bytes in %s", async (name) => {
      for (const row of vectors("values.json")) {
        const answer = await peer.ask({ kind: "result", codec: name, body: bytesOf(row, name) });
        expect(answer.kind, row.name).toBe("result");
        expect(Buffer.from(answer.body).toString("hex"), row.name).toBe(
          Buffer.from(bytesOf(row, name)).toString("hex"),
        );
      }
    });

    test.each(CODECS)(
      "Python encodes every golden message to the same bytes in %s",
      async (name) => {
        for (const row of vectors("messages.json")) {
          const answer = await peer.ask({ kind: "message", codec: name, body: bytesOf(row, name) });
          expect(Buffer.from(answer.body).toString("hex"), row.name).toBe(
            Buffer.from(bytesOf(row, name)).toString("hex"),
          );
        }
      },
    );

    test.each(CODECS)(
      "any value comes back from Python with the same bytes in %s",
      async (name) => {
        const values = codec(name, { exactFloats: true, maps: "map" });
        const check = async (value: Value): Promise<void> => {
          const body = values.encode(value);
          const answer = await peer.ask({ kind: "result", codec: name, body });
          if (answer.kind === "error") throw decodeError(msgpack().decode(answer.body));
          expect(Buffer.from(answer.body).toString("hex")).toBe(Buffer.from(body).toString("hex"));
          expect(Buffer.from(values.encode(values.decode(answer.body))).toString("hex")).toBe(
            Buffer.from(body).toString("hex"),
          );
        };
        await fc.assert(fc.asyncProperty(arbitraryValue().map(settled), check), { numRuns: 1_000 });
      },
    );

    test("a message keeps every field on its way through Python and back", async () => {
      const message = new Message(
        {
          type: "request",
          target: "worker",
          payload: { size: 3 },
          ttlMs: 60_000,
          schema: "resize",
          metadata: { trace: "t" },
        },
        0,
      );
      for (const name of CODECS) {
        const messages = messageCodec(name);
        const answer = await peer.ask({
          kind: "message",
          codec: name,
          callId: 2 ** 40,
          priority: "critical",
          body: messages.encode(message, 0),
        });
        expect([answer.callId, answer.priority, answer.codec]).toEqual([2 ** 40, "critical", name]);
        expect({ ...messages.decode(answer.body, 0) }).toEqual({ ...message });
      }
    });

    test("attachments come back as they were", async () => {
      const attachments = [
        { kind: "inline", data: Uint8Array.of(1, 2, 3) },
        { kind: "reference", data: new Uint8Array(16) },
        { kind: "inline", data: new Uint8Array() },
      ] as const;
      const answer = await peer.ask({ kind: "call", body: msgpack().encode(null), attachments });
      expect(answer.attachments).toEqual(attachments);
    });

    test.each(["c1", "a2c328", "d44d00"])(
      "Python refuses %s with the code that TypeScript has for it",
      async (hex) => {
        const body = Buffer.from(hex, "hex");
        const answer = await peer.ask({ kind: "result", body });
        const here = ((): unknown => {
          try {
            return msgpack().decode(body);
          } catch (error) {
            return error;
          }
        })();
        expect(decodeError(msgpack().decode(answer.body)).code).toBe(
          (here as { readonly code: string }).code,
        );
      },
    );
  });
}
