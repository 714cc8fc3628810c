// A table from TypeScript to pandas and back, and what is refused.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

import { isAmphisError } from "@amphis/protocol";

// #region write
import { float64, tableFromArrays, utf8 } from "@uwdata/flechette";
import { Arena, openTable, writeTable } from "amphis/memory";

const quotes = tableFromArrays(
  { item: ["tea", "salt", "tea"], price: [3.5, 0.8, 4.1] },
  { types: { item: utf8(), price: float64() } },
);

const arena = new Arena();
const lease = writeTable(quotes, (bytes) => arena.allocate(bytes));
// #endregion write

// #region open
const table = openTable(lease);
console.log(`${table.numRows} rows of ${table.names.join(" and ")}`);
console.log(table.at(0)); // { item: "tea", price: 3.5 }

const prices = table.getChild("price").toArray(); // a Float64Array over the lease
console.log(prices instanceof Float64Array && prices.buffer === lease.bytes.buffer);
// #endregion open

const python = process.env["AMPHIS_PYTHON"] ?? "python3";
const script = fileURLToPath(new URL("work.py", import.meta.url));
const worker = spawn(python, [script], { stdio: ["pipe", "pipe", "inherit"] });
worker.stdin.end(lease.bytes);
const [answer] = await Promise.all([buffer(worker.stdout), once(worker, "exit")]);

// #region answer
const means = openTable({ bytes: Uint8Array.from(answer) });
for (const { item, price } of means) {
  console.log(`${item} costs ${Number(price).toFixed(2)} on average`);
}
// #endregion answer

// #region refuse
try {
  openTable({ bytes: Uint8Array.from(answer).subarray(0, 100) });
} catch (error) {
  if (!isAmphisError(error, "ARROW_INVALID")) throw error;
  console.log(`refused: ${error.reason}`);
}
// #endregion refuse

// #region release
lease.release();
try {
  table.at(0);
} catch (error) {
  if (!isAmphisError(error, "LEASE_RELEASED")) throw error;
  console.log("the table ended with its lease");
}
// #endregion release
arena.close();
