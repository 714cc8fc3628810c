/**
 * Does something when what workers have said by now was read.
 *
 * Timers come before input in a turn of the event loop. So where this program was busy for longer than a grace period, its end is noticed
 * before the answer that came in time, and a worker would die for that.
 */
export function afterReading(act: () => void): void {
  setImmediate(act);
}
