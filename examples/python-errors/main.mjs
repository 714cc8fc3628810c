// @ts-nocheck -- what comes from undeclared Python modules is of any type, which only TypeScript files can say
// What becomes of exceptions of Python here, and of errors of TypeScript there.

import { isAmphisError, openPython } from "amphis";

const py = await openPython({ path: import.meta.dirname, packages: ["numpy"], workers: 1 });

// #region fields
try {
  await py.call("bank:transfer", ["ann", 500]);
} catch (error) {
  if (!isAmphisError(error, "PYTHON_ERROR")) throw error;
  const frame = error.traceback.at(-1); // the innermost
  console.log(error.type, "in", frame?.function, "of", error.module);
  console.log(frame?.source); // raise OverdrawnError(account, amount - balance)
  console.log(error.text, error.context.attributes); // ann lacks 400 { account: 'ann', missing: 400 }
}
// #endregion fields

// #region cause
try {
  await py.call("bank:transfer", ["bob", 5]);
} catch (error) {
  console.log(error.text); // there is no account bob
  console.log(error.cause.type, error.cause.text); // KeyError 'bob'
}
// #endregion cause

// #region group
try {
  await py.call("bank:audit");
} catch (error) {
  for (const { type, text } of error.context.exceptions) console.log(`${type}: ${text}`);
}
// #endregion group

// #region exact
try {
  await py.call("numpy:dot", [new Float64Array(3), new Float64Array(4)]);
} catch (error) {
  if (!isAmphisError(error, "SHAPE_MISMATCH")) throw error;
  console.log(error.operation, error.shapes); // dot [ [ 3 ], [ 4 ] ]
  console.log(error.suggestion);
}
// #endregion exact

// #region names
try {
  await py.import("jsno").dumps([1]);
} catch (error) {
  if (!isAmphisError(error, "PYTHON_IMPORT_FAILED")) throw error;
  console.log(error.missing, "or", error.suggestions[0]); // jsno or json
}
try {
  await py.call("bank:transfer", ["ann"]);
} catch (error) {
  if (!isAmphisError(error, "PYTHON_ARGUMENTS_INVALID")) throw error;
  console.log(error.signature); // transfer(account: 'str', amount: 'int') -> 'int'
}
// #endregion names

// #region callback
const reciprocal = (n) => {
  if (n === 0) throw new RangeError("it is 0");
  return 1 / n;
};
console.log(await py.call("bank:attempt", [reciprocal, 0])); // RangeError: it is 0
try {
  await py.call("bank:every", [reciprocal, [2, 0]]);
} catch (error) {
  console.log(error instanceof RangeError, error.message); // true it is 0
}
// #endregion callback

await py.close();
