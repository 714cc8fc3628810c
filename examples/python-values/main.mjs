// @ts-nocheck -- what comes from undeclared Python modules is of any type, which only TypeScript files can say
// What becomes of values on their way to Python and back.

// #region open
import { fetch, isAmphisError, isPython, keep, openPython, Tensor, Tuple, typeOf } from "amphis";

const py = await openPython({ path: import.meta.dirname, packages: ["numpy"], workers: 1 });
/** What Python says of a value. */
const shown = (value) => py.call("shop:shown", [value]);
// #endregion open

// #region numbers
import { Float } from "@amphis/protocol";

console.log(await shown(1)); // int 1
console.log(await shown(0.5)); // float 0.5
console.log(await shown(new Float(1))); // float 1.0
console.log(await shown(2n ** 70n)); // int 1180591620717411303424
// #endregion numbers

// #region containers
console.log(await shown([1, "two", undefined])); // list [1, 'two', None]
console.log(await shown(Tuple.of(2, 3))); // tuple (2, 3)
console.log(await shown({ a: 1, b: undefined })); // dict {'a': 1}
console.log(await shown(new Map([[2026, "year"]]))); // dict {2026: 'year'}
// #endregion containers

// #region fields
const { item, price, size, until } = await py.call("shop:offer");
console.log(item, String(price), size, String(until)); // tea 3.50 S 2026-11-21
// #endregion fields

// #region mixed
const shelf = await py.call("shop:shelf");
console.log(shelf.item, String(shelf.prices[0])); // tea 3.50
console.log(isPython(shelf.stock), typeOf(shelf.stock)); // true shop.Stock
console.log(await shelf.stock.take(2)); // 10
// #endregion mixed

// #region refused
class Money {
  amount = 3;
}
try {
  await shown({ paid: [new Money()] });
} catch (error) {
  if (!isAmphisError(error, "VALUE_UNSUPPORTED")) throw error;
  console.log(error.path, error.received); // args[0].paid[0] Money
}
// #endregion refused

// #region keep
const list = await keep(py.eval("[3, 1, 2]")); // would come as a value
await list.sort();
console.log(await fetch(list)); // [ 1, 2, 3 ]
try {
  await fetch(py.import("shop").shelf());
} catch (error) {
  if (!isAmphisError(error, "VALUE_UNSUPPORTED")) throw error;
  console.log(error.path, error.received); // $.stock shop.Stock
}
// #endregion keep

// #region arrays
const np = await py.import("numpy");
const doubled = await np.multiply(new Float64Array([3, 4]), 2);
console.log(doubled instanceof Tensor, doubled.dtype, doubled.shape); // true float64 [ 2 ]
console.log(doubled.view()); // Float64Array(2) [ 6, 8 ]
console.log((await np.eye(2)).toNested()); // [ [ 1, 0 ], [ 0, 1 ] ]
// #endregion arrays

// #region shared
import { empty } from "amphis/memory";

const { memory } = py;
if (memory !== undefined) {
  const signal = empty([1_000_000], { arena: memory.arena });
  signal.view().fill(0.5); // writes where NumPy will read
  await np.negative(signal, signal); // out=signal: NumPy writes where we read
  console.log(signal.at(999_999)); // -0.5
  signal.release();
}
// #endregion shared

await py.close();
