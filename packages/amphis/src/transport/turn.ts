/** Hears that a turn of the event loop is over. */
export interface TurnObserver {
  /** Never throws. */
  turnEnded(): void;
}

interface Platform {
  /** Absent in browsers. Their timers wait for milliseconds, or a second in a tab that nobody sees, so nothing takes its place. */
  readonly setImmediate?: (run: () => void) => unknown;
}

const { setImmediate: afterInput } = globalThis as Platform;

/** Whether {@link atEndOfTurn} works on this platform. */
export const TURNS_END: boolean = afterInput !== undefined;

let observers: TurnObserver[] = [];

/**
 * Tells when everything that the platform had ready has been dealt with, once.
 *
 * All share one callback of the platform, however many connections there are.
 */
export function atEndOfTurn(observer: TurnObserver): void {
  if (observers.push(observer) === 1) afterInput?.(tellObservers);
}

function tellObservers(): void {
  const told = observers;
  observers = [];
  for (const observer of told) observer.turnEnded();
}
