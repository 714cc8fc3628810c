import { describe, expect, test } from "vitest";

import {
  currentTrace,
  newTrace,
  parseTraceparent,
  type TraceContext,
  withTrace,
} from "../../src/telemetry/index.ts";
import { openedPython } from "./opened.ts";

const opened = openedPython();

/** The trace that Python says it runs in. */
function seen(traceparent: unknown): TraceContext | undefined {
  return typeof traceparent === "string" ? parseTraceparent(traceparent) : undefined;
}

describe("the trace of a call", () => {
  test("is there in Python, with a span of its own, for calls, chains, blocking calls and streams", async () => {
    const { py } = opened;
    const trace = newTrace();
    const { traceId } = trace;
    const { trace_context } = py.import("amphis");
    const asked = await withTrace(trace, async () => [
      await py.call("amphis:trace_context"),
      await trace_context(),
      py.sync.call("amphis:trace_context"),
      await py
        .stream("shop:traces")
        .next()
        .then(({ value }) => value),
    ]);
    const contexts = asked.map(seen);
    expect(contexts).toMatchObject([{ traceId }, { traceId }, { traceId }, { traceId }]);
    const spans = new Set(contexts.map((context) => context?.spanId));
    expect(spans.size).toBe(4);
    expect(spans.has(trace.spanId)).toBe(false);
  });

  test("is none where there is none", async () => {
    const { py } = opened;
    await withTrace(newTrace(), () => py.call("amphis:trace_context"));
    expect(await py.call("amphis:trace_context")).toBeNull();
  });

  test("comes back into callbacks, across what they await and into calls that they make", async () => {
    const { py } = opened;
    const { traceId, spanId } = newTrace();
    const heard: (TraceContext | undefined)[] = [];
    const callback = async (): Promise<unknown> => {
      heard.push(currentTrace());
      await new Promise(setImmediate);
      heard.push(currentTrace());
      return py.call("amphis:trace_context");
    };
    const trace = { traceId, spanId, isSampled: true };
    const inner = seen(await withTrace(trace, () => py.call("shop:apply", [callback])));
    expect(heard).toMatchObject([{ traceId }, { traceId }]);
    expect(heard[1]).toEqual(heard[0]);
    expect(inner?.traceId).toBe(traceId);
    expect(new Set([spanId, heard[0]?.spanId, inner?.spanId]).size).toBe(3);
  });

  test("is none in callbacks of a call without one, whatever runs beside it", async () => {
    const { py } = opened;
    let heard: unknown = "nothing";
    const callback = (): void => void (heard = currentTrace());
    const plain = py.call("shop:apply", [callback]);
    const traced = withTrace(newTrace(), () => py.call("shop:apply", [() => 1]));
    await Promise.all([plain, traced]);
    expect(heard).toBeUndefined();
  });
});
