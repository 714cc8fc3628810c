import type { Socket } from "node:net";
import { constants } from "node:os";

import type { ControlGroup } from "./control-group/control-group.ts";
import type { ProcessExit } from "./launcher.ts";
import { oomKills } from "./oom-kills.ts";
import { readNow } from "./read-now.ts";

const MOST_LINE_CHARACTERS = 1_024;
const SIGNAL_NAMES = new Map(
  Object.entries(constants.signals).map(([name, number]) => [number, name as NodeJS.Signals]),
);

/** What is said between this program and the keeper of one worker; `keeper.py` has the words. */
export class KeeperLine {
  /** Resolves with the worker's process; rejects with why there is none. */
  readonly started: Promise<number>;
  /** Resolves when the worker's whole family has ended: with how the worker did, or with nothing when its keeper was ended. */
  readonly ended: Promise<ProcessExit>;
  readonly #socket: Socket;
  readonly #descriptor: number | undefined;
  readonly #knownKills = oomKills.read();
  #resolveStarted: (pid: number) => void = () => undefined;
  #rejectStarted: (error: Error) => void = () => undefined;
  #resolveEnded: (exit: ProcessExit) => void = () => undefined;
  #heard = "";
  #isKilled = false;
  #refusal: string | undefined;
  #exit: ProcessExit | undefined;
  #isLost = false;
  #group: ControlGroup | undefined;

  /** @param descriptor of the socket, where it is known */
  constructor(socket: Socket, descriptor?: number) {
    this.#socket = socket;
    this.#descriptor = descriptor;
    this.started = new Promise((resolve, reject) => {
      this.#resolveStarted = resolve;
      this.#rejectStarted = reject;
    });
    this.started.catch(() => undefined);
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    socket.setEncoding("latin1").on("error", () => undefined);
    socket.on("data", (text: string) => this.#hear(text));
    socket.on("end", () => this.#lose()).on("close", () => this.#lose());
  }

  /** Why the keeper could not start a worker. */
  get refusal(): string | undefined {
    return this.#refusal;
  }

  /** Whether the worker has ended. */
  get isOver(): boolean {
    return this.#exit !== undefined;
  }

  /** How the worker ended, as far as that is known without the event loop. */
  exitNow(): ProcessExit | undefined {
    if (this.#descriptor !== undefined && !this.#socket.destroyed) {
      readNow(this.#descriptor, (bytes) => this.#hear(bytes.toString("latin1")));
    }
    return this.#exit;
  }

  /** Asks the control group that the worker is in for why it was killed. */
  explainBy(group: ControlGroup): void {
    this.#group = group;
  }

  /** Whether the keeper ended without a word. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Sends a signal to the worker; without one, ends its whole family. */
  kill(signal?: NodeJS.Signals | number): void {
    const number = typeof signal === "string" ? constants.signals[signal] : signal;
    if (number === undefined || number === constants.signals.SIGKILL) this.#isKilled = true;
    if (this.#socket.destroyed) return;
    const command = number === undefined ? "kill" : `signal ${number}`;
    this.#socket.write(`${command}\n`);
  }

  #hear(text: string): void {
    const lines = (this.#heard + text).split("\n");
    this.#heard = lines.pop() ?? "";
    if (this.#heard.length > MOST_LINE_CHARACTERS) this.#lose();
    for (const line of lines) this.#take(line);
  }

  #take(line: string): void {
    const [verb, ...words] = line.split(" ");
    if (verb === "started") this.#resolveStarted(Number(words[0]));
    else if (verb === "failed") this.#refusal = words.join(" ");
    else if (verb === "ended") this.#end(this.#exitOf(words));
  }

  #exitOf([code, number, core, userMs, systemMs, maxRssBytes]: readonly string[]): ProcessExit {
    const usage = {
      userMs: Number(userMs),
      systemMs: Number(systemMs),
      maxRssBytes: Number(maxRssBytes),
    };
    if (code !== "-") return { exitCode: Number(code), usage };
    const signal = SIGNAL_NAMES.get(Number(number)) ?? "SIGKILL";
    const isOutOfMemory = signal === "SIGKILL" && !this.#isKilled && this.#explainsMemory();
    return { signal, isCoreDumped: core === "1", isOutOfMemory, usage };
  }

  #explainsMemory(): boolean {
    // What is counted in a group is counted in those above it too, and is to explain no other death.
    const isCounted = oomKills.claim(this.#knownKills);
    return this.#group?.hasKilled ?? isCounted;
  }

  #lose(): void {
    if (this.isOver) return;
    this.#isLost = true;
    this.#end({});
  }

  #end(exit: ProcessExit): void {
    this.#exit = exit;
    this.#rejectStarted(new Error("its keeper ended"));
    this.#resolveEnded(exit);
    this.#socket.destroy();
  }
}
