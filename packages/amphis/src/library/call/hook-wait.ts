/** Timers of Node end here. */
const MAX_DELAY_MS = 0x7fff_ffff;

/** What a call still has. */
export interface Patience {
  /** Undefined: all the time that there is. */
  readonly leftMs: number | undefined;
  readonly signal: AbortSignal | undefined;
}

/** What becomes of a call that waits; exactly one of these happens. */
export interface HookWaitEnds<T> {
  done(value: T): void;
  failed(error: unknown): void;
  late(): void;
  aborted(reason: unknown): void;
}

/** Waits for what a hook promised, no longer than its call has time and is wanted. */
export function waitForHook<T>(
  promise: Promise<T>,
  { leftMs, signal }: Patience,
  ends: HookWaitEnds<T>,
): void {
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const end = (act: () => void): void => {
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    signal?.removeEventListener("abort", aborted);
    act();
  };
  const aborted = (): void => end(() => ends.aborted(signal?.reason));
  if (leftMs !== undefined && leftMs <= MAX_DELAY_MS) {
    timer = setTimeout(() => end(() => ends.late()), Math.max(0, leftMs));
  }
  signal?.addEventListener("abort", aborted);
  promise.then(
    (value) => end(() => ends.done(value)),
    (error: unknown) => end(() => ends.failed(error)),
  );
  if (signal?.aborted === true) aborted();
}
