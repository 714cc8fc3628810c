import { describe, expect, test } from "vitest";

import {
  childTrace,
  currentTrace,
  formatTraceparent,
  newTrace,
  parseTraceparent,
  traceparentForCall,
  withTrace,
} from "./index.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";
const trace = { traceId: TRACE, spanId: SPAN, isSampled: true };

describe("traceparent", () => {
  test("text becomes a context and the same text again", () => {
    const text = `00-${TRACE}-${SPAN}-01`;
    expect(parseTraceparent(text)).toEqual(trace);
    expect(formatTraceparent(trace)).toBe(text);
    expect(formatTraceparent({ ...trace, isSampled: false })).toBe(`00-${TRACE}-${SPAN}-00`);
  });

  test.each([
    ["unknown flags leave only the one that is known", `00-${TRACE}-${SPAN}-fe`, false],
    ["all flags are set", `00-${TRACE}-${SPAN}-ff`, true],
    ["later version goes on behind the part that is known", `cc-${TRACE}-${SPAN}-01-what`, true],
    ["later version ends where this one does", `01-${TRACE}-${SPAN}-00`, false],
  ])("%s", (_, text, isSampled) => {
    expect(parseTraceparent(text)).toEqual({ ...trace, isSampled });
  });

  test.each([
    ["empty", ""],
    ["version ff", `ff-${TRACE}-${SPAN}-01`],
    ["version of one digit", `0-${TRACE}-${SPAN}-01`],
    ["more behind version 00", `00-${TRACE}-${SPAN}-01-what`],
    ["later version that goes on without a hyphen", `01-${TRACE}-${SPAN}-01x`],
    ["no trace", `00-${"0".repeat(32)}-${SPAN}-01`],
    ["no span", `00-${TRACE}-${"0".repeat(16)}-01`],
    ["capital letters", `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ["short trace", `00-${TRACE.slice(1)}-${SPAN}-01`],
    ["other letters", `00-${TRACE}-${SPAN}-0g`],
    ["space around it", ` 00-${TRACE}-${SPAN}-01`],
    ["second line", `00-${TRACE}-${SPAN}-01\n`],
    ["flags missing", `00-${TRACE}-${SPAN}`],
  ])("%s is no context", (_, text) => {
    expect(parseTraceparent(text)).toBeUndefined();
  });
});

test("new traces have ids of their own that can be read back", () => {
  const traces = Array.from({ length: 1_000 }, () => newTrace());
  expect(new Set(traces.map(({ traceId }) => traceId)).size).toBe(1_000);
  expect(new Set(traces.map(({ spanId }) => spanId)).size).toBe(1_000);
  for (const one of traces) expect(parseTraceparent(formatTraceparent(one))).toEqual(one);
  expect(newTrace({ isSampled: false }).isSampled).toBe(false);
});

test("child stays in its trace and is a span of its own", () => {
  const child = childTrace({ ...trace, isSampled: false });
  expect(child).toMatchObject({ traceId: TRACE, isSampled: false });
  expect(child.spanId).not.toBe(SPAN);
});

describe("current trace", () => {
  test("is none outside, and is kept across awaits inside", async () => {
    expect(currentTrace()).toBeUndefined();
    expect(traceparentForCall()).toBeUndefined();
    const other = newTrace();
    const seen = await Promise.all([
      withTrace(trace, async () => {
        await Promise.resolve();
        return currentTrace();
      }),
      withTrace(other, async () => {
        await new Promise(setImmediate);
        return withTrace(undefined, currentTrace) ?? currentTrace();
      }),
    ]);
    expect(seen).toEqual([trace, other]);
    expect(currentTrace()).toBeUndefined();
  });

  test("calls carry a new span of it", () => {
    const text = withTrace(trace, traceparentForCall) ?? "";
    expect(parseTraceparent(text)).toMatchObject({ traceId: TRACE, isSampled: true });
    expect(parseTraceparent(text)?.spanId).not.toBe(SPAN);
  });
});
