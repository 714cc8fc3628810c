import { measure, type Measured, printResult, printTable } from "../runner/index.ts";
import { cases } from "./cases.ts";

const measured: Readonly<Record<string, Measured>> = await measure({
  module: import.meta.resolve("./cases.js"),
});

function of(name: string): Measured {
  const found = measured[name];
  if (found === undefined) throw new Error(`Cannot print bench: ${name} was not measured`);
  return found;
}

function gbps({ ns, bytes = 0 }: Measured): number {
  return bytes / ns;
}

printTable(
  ["what", "bytes", "ns", "GB/s"],
  Object.keys(cases).map((name) => [
    name,
    String(of(name).bytes ?? ""),
    of(name).ns.toFixed(0),
    name.startsWith("peek") ? "" : gbps(of(name)).toFixed(2),
  ]),
);

printResult({
  question: "frame",
  ratios: {
    peek_ns: Math.max(of("peek, msgpack message").ns, of("peek, compact message").ns),
    decode_gbps: gbps(of("decode 16 MiB in chunks of 64 KiB")),
  },
  targets: { peek_ns: { max: 150 }, decode_gbps: { min: 1.5 } },
});
