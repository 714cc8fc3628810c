// The golden values of spec/vectors/values.json as Protocol Buffers. Those that nest deeper than its readers go are left out.

import { readFile } from "node:fs/promises";

const SOURCE = "spec/vectors/values.json";

/** @type {import("./runner/generator.mjs").Generator["generate"]} */
export async function generate(root) {
  const rows = JSON.parse(await readFile(new URL(SOURCE, root), "utf8"));
  const protocol = await import(new URL("packages/protocol/bundle/index.js", root).href);
  const grpc = await import(new URL("packages/grpc/dist/index.js", root).href);
  const { toBinary } = await import(
    new URL("node_modules/@bufbuild/protobuf/dist/esm/index.js", root).href
  );
  const codec = protocol.msgpack({ exactFloats: true, maps: "map" });
  const lines = rows.flatMap(({ name, msgpack }) => {
    try {
      const bytes = toBinary(
        grpc.ValueSchema,
        grpc.valueToProto(codec.decode(Buffer.from(msgpack, "hex"))),
      );
      return [
        `  ${JSON.stringify({ name, msgpack, protobuf: Buffer.from(bytes).toString("hex") })}`,
      ];
    } catch (error) {
      if (protocol.isAmphisError(error, "DEPTH_EXCEEDED")) return [];
      throw error;
    }
  });
  return new Map([["spec/vectors/protobuf.json", `[\n${lines.join(",\n")}\n]\n`]]);
}
