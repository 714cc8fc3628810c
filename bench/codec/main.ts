import { measure, type Measured, printResult, printTable } from "../runner/index.ts";
import { CONTENDERS, MESSAGES } from "./cases.ts";

const measured: Readonly<Record<string, Measured>> = await measure({
  module: import.meta.resolve("./cases.js"),
});

function row(name: string, baseline?: string): string[] {
  const [encode, decode] = [measured[`${name}, encode`], measured[`${name}, decode`]];
  if (encode === undefined || decode === undefined) {
    throw new Error(`Cannot print bench: ${name} was not measured`);
  }
  const ratio = baseline === undefined ? "" : (both(name) / both(baseline)).toFixed(2);
  return [name, String(encode.bytes ?? ""), encode.ns.toFixed(0), decode.ns.toFixed(0), ratio];
}

function both(name: string): number {
  return (
    (measured[`${name}, encode`]?.ns ?? Number.NaN) +
    (measured[`${name}, decode`]?.ns ?? Number.NaN)
  );
}

const rows = (["small", "envelope", "page"] as const).flatMap((message) =>
  Object.keys(CONTENDERS).map((name) => row(`${message}, ${name}`, `${message}, msgpackr`)),
);
rows.push(...MESSAGES.map((codec) => row(`message, ${codec}`, "envelope, msgpackr")));
printTable(["what", "bytes", "encode ns", "decode ns", "x msgpackr"], rows);

printResult({
  question: "codec",
  ratios: {
    msgpack_vs_msgpackr: both("envelope, msgpack") / both("envelope, msgpackr"),
    compact_vs_msgpackr: both("envelope, compact") / both("envelope, msgpackr"),
  },
  targets: { msgpack_vs_msgpackr: { max: 1.1 }, compact_vs_msgpackr: { max: 0.6 } },
});
