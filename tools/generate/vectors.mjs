// Golden bytes: what every language must decode, and encode again to the same bytes. Malformed ones are written by hand in
// spec/vectors/malformed*.json.

import { messages } from "./vectors/messages.mjs";
import { frames } from "./vectors/frames.mjs";
import { layouts } from "./vectors/layouts.mjs";
import { values } from "./vectors/values.mjs";

/** @type {import("./runner/generator.mjs").Generator["generate"]} */
export async function generate(root) {
  const protocol = await import(new URL("packages/protocol/bundle/index.js", root).href);
  return new Map([
    ["spec/vectors/values.json", rows(valueRows(protocol))],
    ["spec/vectors/layouts.json", rows(layoutRows(protocol))],
    ["spec/vectors/messages.json", rows(messageRows(protocol))],
    ["spec/vectors/frames.json", rows(frameRows(protocol))],
  ]);
}

/** One row a line, so that a change shows as the rows that changed. */
function rows(list) {
  return `[\n${list.map((row) => `  ${JSON.stringify(row)}`).join(",\n")}\n]\n`;
}

function hex(bytes) {
  return Buffer.from(bytes).toString("hex");
}

function text(bytes) {
  return Buffer.from(bytes).toString("utf8");
}

function valueRows(protocol) {
  const codecs = {
    json: protocol.json(),
    msgpack: protocol.msgpack(),
    compact: protocol.compact(),
  };
  return values(protocol).map(([name, value]) => ({
    name,
    json: text(codecs.json.encode(value)),
    msgpack: hex(codecs.msgpack.encode(value)),
    compact: hex(codecs.compact.encode(value)),
  }));
}

/** The same value in the two integer configurations of a layout; `json` is what it means. */
function layoutRows(protocol) {
  return layouts(protocol).map(([name, schema, value]) => ({
    name,
    schema,
    json: text(protocol.json().encode(value)),
    varint: hex(protocol.compactFor(schema).encode(value)),
    fixed: hex(protocol.compactFor(schema, { integers: "fixed" }).encode(value)),
  }));
}

/** The clock stands still at 0, so that what is left of a TTL is the TTL. */
function messageRows(protocol) {
  return messages(protocol).map(([name, init]) => {
    const message = new protocol.Message(init, 0);
    const encode = (codec) => protocol.messageCodec(codec).encode(message, 0);
    return {
      name,
      json: text(encode("json")),
      msgpack: hex(encode("msgpack")),
      compact: hex(encode("compact")),
    };
  });
}

function frameRows(protocol) {
  return frames().map(({ name, ...init }) => {
    const {
      kind,
      callId = 0,
      priority = "normal",
      codec = "msgpack",
      version = protocol.PROTOCOL_VERSION,
      body,
      attachments = [],
    } = init;
    return {
      name,
      kind,
      callId,
      priority,
      codec,
      version,
      body: hex(body),
      attachments: attachments.map((attachment) => ({
        kind: attachment.kind,
        data: hex(attachment.data),
      })),
      hex: hex(protocol.encodeFrame({ kind, callId, priority, codec, version, body, attachments })),
    };
  });
}
