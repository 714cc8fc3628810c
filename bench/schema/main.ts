import { measure, type Measured, printResult, printTable } from "../runner/index.ts";
import { cases } from "./cases.ts";

const measured: Readonly<Record<string, Measured>> = await measure({
  module: import.meta.resolve("./cases.js"),
});

function nsOf(name: string): number {
  const found = measured[name];
  if (found === undefined) throw new Error(`Cannot print bench: ${name} was not measured`);
  return found.ns;
}

printTable(
  ["what", "ns"],
  Object.keys(cases).map((name) => [name, nsOf(name).toFixed(0)]),
);

printResult({
  question: "schema",
  ratios: {
    validate_ns: nsOf("check, valid"),
    valid_vs_typebox: nsOf("check, valid") / nsOf("check, valid, typebox"),
    invalid_vs_typebox: nsOf("check, invalid") / nsOf("check, invalid, typebox"),
  },
  targets: { validate_ns: { max: 400 } },
});
