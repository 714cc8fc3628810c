/** What every rival does for the same work. */

export interface Reading {
  readonly id: number;
  readonly name: string;
  readonly value: number;
  readonly ok: boolean;
}

/** The side that asks and publishes. */
export interface Sender {
  /** Asks, and resolves with the reading that comes back. */
  request(reading: Reading): Promise<unknown>;
  /** Sends to everyone who listens. A promise means: wait before the next. */
  publish(reading: Reading): Promise<void> | undefined;
  /** Resolves when what was published has left. */
  flush(): Promise<void>;
}

/** Each side stays as it is until its process ends. */
export interface System {
  /** Who must be there first. */
  readonly listener: "sender" | "receiver" | "broker";
  /** A process that everything goes through, if there is one. */
  startBroker?(address: string): Promise<() => Promise<void>>;
  /** Answers requests with what was sent, and receives on so many connections. */
  receive(address: string, connections: number, onReading: () => void): Promise<void>;
  send(address: string): Promise<Sender>;
}
