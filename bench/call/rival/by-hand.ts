import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { Packr } from "msgpackr";

import { peersFolder } from "../peers.ts";
import type { Rival } from "./rival.ts";

const FOLDER = fileURLToPath(new URL("../../../call/", import.meta.url));

function start(args: readonly string[], stdin: "ignore" | "pipe" = "ignore"): ChildProcess {
  const python = process.env["AMPHIS_PYTHON"] ?? "python3";
  return spawn(python, args, {
    cwd: FOLDER,
    env: { ...process.env, PYTHONPATH: join(peersFolder(), "python") },
    stdio: [stdin, stdin === "pipe" ? "pipe" : "inherit", "inherit"],
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill();
  await exited;
}

/** Calls joined to their answers by number. */
class Calls {
  readonly #open = new Map<number, (value: number) => void>();
  #last = 0;

  /** @param send gets the number of the call */
  make(send: (id: number) => void): Promise<number> {
    return new Promise((resolve) => {
      this.#last += 1;
      this.#open.set(this.#last, resolve);
      send(this.#last);
    });
  }

  answer(id: number, value: number): void {
    const resolve = this.#open.get(id);
    this.#open.delete(id);
    resolve?.(value);
  }
}

/** A length and MessagePack over a Unix socket: what one would write by hand. */
export async function baseline(folder: string): Promise<Rival> {
  const path = join(folder, "baseline.sock");
  const server = createServer().listen(path);
  await once(server, "listening");
  const child = start(["service.py", "baseline", path]);
  const [socket] = (await once(server, "connection")) as [Socket];
  const packr = new Packr({ useRecords: false });
  const calls = new Calls();
  let pending: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    let at = 0;
    while (pending.length - at >= 4) {
      const end = at + 4 + pending.readUInt32LE(at);
      if (pending.length < end) break;
      const [id, value] = packr.unpack(pending.subarray(at + 4, end)) as [number, number];
      at = end;
      calls.answer(id, value);
    }
    pending = pending.subarray(at);
  });
  let isCorked = false;
  const uncork = (): void => {
    isCorked = false;
    socket.uncork();
  };
  const call = (name: string, args: readonly unknown[]): Promise<number> =>
    calls.make((id) => {
      // Writes of one turn of the event loop leave together, as a careful program has it.
      if (!isCorked) {
        isCorked = true;
        socket.cork();
        process.nextTick(uncork);
      }
      const body = packr.pack([id, name, args]);
      const head = Buffer.allocUnsafe(4);
      head.writeUInt32LE(body.length, 0);
      socket.write(head);
      socket.write(body);
    });
  return {
    pid: child.pid,
    add: (left, right) => call("add", [left, right]),
    first: ({ buffer, byteOffset, byteLength }) =>
      call("first", [Buffer.from(buffer, byteOffset, byteLength)]),
    stop: async () => {
      socket.destroy();
      server.close();
      await stop(child);
    },
  };
}

/** JSON in lines over standard streams, and arrays as files in `/dev/shm`. */
export async function jsonOverStdio(folder: string): Promise<Rival> {
  const child = start(["service.py", "json"], "pipe");
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error("Cannot start: there are no pipes");
  const calls = new Calls();
  createInterface({ input: stdout }).on("line", (line) => {
    const [id, value] = JSON.parse(line) as [number, number];
    calls.answer(id, value);
  });
  const call = (name: string, args: readonly unknown[]): Promise<number> =>
    calls.make((id) => stdin.write(`${JSON.stringify([id, name, args])}\n`));
  const file = `/dev/shm/amphis-bench-${process.pid}-${folder.replaceAll("/", "-")}`;
  return {
    pid: child.pid,
    add: (left, right) => call("add", [left, right]),
    first: ({ buffer, byteOffset, byteLength }) => {
      writeFileSync(file, Buffer.from(buffer, byteOffset, byteLength));
      return call("first", [{ file }]);
    },
    stop: () => stop(child),
  };
}

/** A FastAPI service over a Unix socket, and HTTP that keeps its connections. */
export async function fastapi(folder: string): Promise<Rival> {
  const socketPath = join(folder, "fastapi.sock");
  const child = start(["side_car.py", socketPath]);
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const post = (path: string, body: string | Buffer): Promise<number> =>
    new Promise((resolve, reject) => {
      const outgoing = request({ socketPath, path, method: "POST", agent }, (answer) => {
        let text = "";
        answer.setEncoding("utf8");
        answer.on("data", (chunk: string) => {
          text += chunk;
        });
        answer.on("end", () => resolve(JSON.parse(text) as number));
      });
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  const add = (left: number, right: number): Promise<number> =>
    post("/call", JSON.stringify(["add", [left, right]]));
  for (;;) {
    try {
      await add(1, 2);
      break;
    } catch (error) {
      if (child.exitCode !== null) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  return {
    pid: child.pid,
    add,
    first: ({ buffer, byteOffset, byteLength }) =>
      post("/array/first", Buffer.from(buffer, byteOffset, byteLength)),
    stop: async () => {
      agent.destroy();
      await stop(child);
    },
  };
}
