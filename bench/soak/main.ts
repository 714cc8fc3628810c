import { printResult, printTable } from "../runner/index.ts";
import { soak } from "./soak.ts";

const minutes = Number(process.env["AMPHIS_SOAK_MINUTES"] ?? 1);
const { calls, right, rejected, wrong, kills, alive, leaked } = await soak({
  python: process.env["AMPHIS_PYTHON"],
  ms: minutes * 60_000,
  onProgress: (line) => console.log(line),
});
for (const line of wrong.slice(0, 20)) console.log(line);
printTable(
  ["", ""],
  [
    ["calls", String(calls)],
    ["right", String(right)],
    ...Object.entries(rejected).map(([code, count]) => [code, String(count)]),
    ["workers killed", String(kills)],
    ["workers at the end", String(alive)],
    ["wrong", String(wrong.length)],
    ...Object.entries(leaked).map(([what, count]) => [`${what} leaked`, String(count)]),
  ],
);
printResult({
  question: "soak",
  ratios: {
    wrong: wrong.length,
    unsettled:
      calls - right - wrong.length - Object.values(rejected).reduce((sum, each) => sum + each, 0),
    leaked: Object.values(leaked).reduce((sum, each) => sum + each, 0),
  },
  targets: { wrong: { max: 0 }, unsettled: { max: 0 }, leaked: { max: 0 } },
});
