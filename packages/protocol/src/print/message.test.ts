import { expect, test } from "vitest";

import { formatMessage, type PrintableMessage } from "./index.ts";

const message: PrintableMessage = {
  type: "event",
  id: "01890a5d-ac96-774b-bcce-b302099a8057",
  source: "",
  target: "",
  timestamp: 0,
  priority: "normal",
  version: 1,
  metadata: {},
  payload: null,
};

test("a timestamp beyond the years that have a text is printed as its number", () => {
  expect(
    formatMessage({ ...message, timestamp: Number.MAX_SAFE_INTEGER }, { style: "verbose" }),
  ).toContain("timestamp: 9007199254740991");
  expect(
    formatMessage({ ...message, timestamp: 253_402_300_800_000 }, { style: "verbose" }),
  ).toContain("timestamp: 253402300800000");
});

test("text in a header cannot control a terminal", () => {
  const hostile = {
    ...message,
    type: "\u001b[2J",
    id: "\u001b]0;x\u0007",
    source: "\u001b",
    target: "\u009b",
    schema: "\u202e",
  };
  expect(formatMessage(hostile)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
});

test("an empty Map counts as no metadata", () => {
  expect(formatMessage({ ...message, metadata: new Map() })).toBe(
    `event id=${message.id} payload=null`,
  );
});
