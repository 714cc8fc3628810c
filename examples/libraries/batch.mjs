// @ts-nocheck - values of undeclared modules have no type in JavaScript
/* Calls that travel together, and types of one's own. */

import { fileURLToPath } from "node:url";

import { openPython } from "amphis";
import { checkSerializer } from "amphis/library";

const path = fileURLToPath(new URL("python", import.meta.url));

class Money {
  constructor(amount, currency) {
    this.amount = amount;
    this.currency = currency;
  }
}

// #region serializer
const money = {
  type: "forecast:Money",
  toPlain: "forecast_hooks:money_to_plain",
  fromPlain: "forecast_hooks:money_from_plain",
  typescript: {
    isInstance: (value) => value instanceof Money,
    toPlain: ({ amount, currency }) => ({ amount, currency }),
    fromPlain: ({ amount, currency }) => new Money(amount, currency),
  },
};
// #endregion serializer

const forecast = { serializers: { money }, batching: { price: { function: "forecast:prices" } } };
const py = await openPython({ workers: 1, path, config: { libraries: { forecast } } });

// #region batch
const products = ["tea", "coffee", "milk"];
console.log(await Promise.all(products.map((name) => py.call("forecast:price", [name]))));
console.log(await py.call("forecast:called", ["prices"])); // one message, one call
// #endregion batch

// #region typed
console.log(await py.call("forecast:total", [[new Money(3, "EUR"), new Money(4, "EUR")]]));
const report = await checkSerializer(py, "money", {
  values: [new Money(1, "EUR"), new Money(-5, "USD")],
  type: "forecast:Money",
});
console.log(report.values, report.types);
// #endregion typed

await py.close();
