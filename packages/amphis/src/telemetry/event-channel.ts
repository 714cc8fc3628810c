import { channel } from "node:diagnostics_channel";

/**
 * Where one kind of event is told: a channel of Node's `diagnostics_channel`, typed.
 *
 * Publishing calls the listeners at once, on the stack of what happened, so the moment of an event is the moment it is heard. A listener
 * that throws harms no other listener and nothing of Amphis; Node reports the error as uncaught. Listeners must not keep the parts of an
 * event that are large, and must not change it.
 *
 * Telling costs nothing while nobody listens, if it is asked before the event is made:
 * `if (callStop.hasSubscribers) callStop.publish({ … })`.
 */
export interface EventChannel<Event extends object> {
  /** Such as `amphis:call:stop`; also what `diagnostics_channel.subscribe` takes. */
  readonly name: string;
  readonly hasSubscribers: boolean;
  publish(event: Event): void;
  subscribe(listener: EventListener<Event>): void;
  /** @returns whether it was a listener */
  unsubscribe(listener: EventListener<Event>): boolean;
}

/** Hears the events of a channel. */
export type EventListener<Event extends object> = (event: Event, name: string) => void;

/**
 * The channel of a name.
 *
 * It is Node's object itself: two copies of Amphis in one process tell their events in one place, and whoever knows only Node hears them.
 * The caller keeps it, since Node forgets channels that nobody holds, with their listeners.
 */
export function eventChannel<Event extends object>(name: string): EventChannel<Event> {
  return channel(name) as unknown as EventChannel<Event>;
}
