import { encodeFrame, type Frame, FrameDecoder, type FrameInit } from "@amphis/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";

import { Carrier } from "../carrier.ts";
import type { TensorMemory } from "../tensor.ts";
import { ChunkReader } from "./chunk-reader.ts";
import { ChunkWriter } from "./chunk-writer.ts";

const STEPS = ["write", "read", "to-reader", "to-writer"] as const;
const ENDINGS = ["end", "fail", "cancel", "abort", "close"] as const;

type Step = (typeof STEPS)[number];
type Ending = (typeof ENDINGS)[number];

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A writer and a reader whose frames arrive when the schedule says so. */
class Scene {
  readonly stopping = new AbortController();
  readonly written: Promise<unknown>[] = [];
  readonly read: number[] = [];
  readonly toReader: Frame[] = [];
  readonly toWriter: Frame[] = [];
  readonly writer: ChunkWriter;
  readonly reader: ChunkReader;
  #reading: Promise<"chunk" | "done" | "broken"> | undefined;
  #next = 0;

  constructor(window: number) {
    const carrier = new Carrier();
    const send = (line: Frame[]) => async (init: FrameInit) =>
      void line.push(...new FrameDecoder().feed(encodeFrame(init)));
    this.writer = new ChunkWriter({ callId: 1, carrier, send: send(this.toReader) });
    const { signal } = this.stopping;
    this.reader = new ChunkReader({
      callId: 1,
      carrier,
      send: send(this.toWriter),
      window,
      signal,
    });
  }

  run(step: Step): void {
    if (step === "write") this.#write();
    else if (step === "read") this.#reading ??= this.#read();
    else {
      const [line, end] =
        step === "to-reader" ? [this.toReader, this.reader] : [this.toWriter, this.writer];
      const frame = line.shift();
      if (frame !== undefined) end.take(frame);
    }
  }

  finish(ending: Ending): void {
    const error = new Error(ending);
    if (ending === "end") this.written.push(this.writer.end());
    else if (ending === "fail") void this.writer.fail(error);
    else if (ending === "cancel") this.reader.cancel();
    else if (ending === "abort") this.stopping.abort(error);
    else {
      this.writer.close(error);
      this.reader.close(error);
    }
  }

  /** Delivers and reads all; comes to an end only if the reader does. */
  async drain(): Promise<"done" | "broken"> {
    for (;;) {
      this.#reading ??= this.#read();
      this.run("to-reader");
      this.run("to-writer");
      await turn();
      const outcome = await Promise.race([this.#reading ?? "chunk", turn().then(() => "none")]);
      const isQuiet = this.toReader.length + this.toWriter.length === 0;
      if (isQuiet && (outcome === "done" || outcome === "broken")) return outcome;
    }
  }

  #write(): void {
    this.written.push(this.writer.write(Uint8Array.of(this.#next)));
    this.written.at(-1)?.catch(() => undefined);
    this.#next += 1;
  }

  async #read(): Promise<"chunk" | "done" | "broken"> {
    try {
      const { value, done } = await this.reader.next();
      if (done === true) return "done";
      this.read.push((value as TensorMemory).bytes[0] as number);
      this.#reading = undefined;
      return "chunk";
    } catch {
      return "broken";
    }
  }
}

test("whatever ends it, and when, everyone who waits is told and what was read is in order", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.constantFrom(...STEPS), { maxLength: 40 }),
      fc.constantFrom(...ENDINGS),
      async (window, schedule, ending) => {
        const scene = new Scene(window);
        for (const step of schedule) {
          scene.run(step);
          if (step === "read") await turn();
        }
        scene.finish(ending);
        const outcome = await scene.drain();
        const settled = await Promise.allSettled(scene.written);
        expect(scene.read).toEqual(scene.read.map((_, at) => at));
        if (ending === "cancel") expect(outcome).toBe("done");
        else if (ending !== "end") expect(outcome).toBe("broken");
        else {
          expect(scene.read.length).toBe(scene.written.length - 1);
          expect(settled.every(({ status }) => status === "fulfilled")).toBe(true);
        }
      },
    ),
    { numRuns: 150 },
  );
});
