/** Bytes of every request and answer. */
export const MESSAGE_BYTES = 64;

/** Both sides of one way to reach Python, up and running. */
export interface Rival {
  /** Process of the Python side, to be put on a CPU. */
  readonly pid: number;
  /** One request at a time: nanoseconds of each. */
  roundTrips(count: number): Promise<Float64Array>;
  /** Requests in a second, with so many on their way. Left out where it is not asked. */
  perSecond?(count: number, inFlight: number): Promise<number>;
  stop(): Promise<void>;
}

export type StartRival = (folder: string) => Promise<Rival>;

/** Times one request after the other. */
export async function timed(count: number, request: () => Promise<void>): Promise<Float64Array> {
  const samples = new Float64Array(count);
  for (let at = 0; at < count; at += 1) {
    const start = process.hrtime.bigint();
    await request();
    samples[at] = Number(process.hrtime.bigint() - start);
  }
  return samples;
}

/** Keeps so many requests on their way until all were answered. `send` sends one, and calls back when it is answered. */
export function pipelined(
  count: number,
  inFlight: number,
  send: (answered: () => void) => void,
): Promise<number> {
  return new Promise((resolve) => {
    const start = performance.now();
    let sent = 0;
    let done = 0;
    const next = (): void => {
      sent += 1;
      send(answered);
    };
    const answered = (): void => {
      done += 1;
      if (sent < count) next();
      else if (done === count) resolve((1_000 * count) / (performance.now() - start));
    };
    for (let at = 0; at < inFlight; at += 1) next();
  });
}
