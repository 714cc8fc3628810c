import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("../../../memory/peer.py", import.meta.url));

export function startPython(way: string, address: string): ChildProcess {
  const python = process.env["AMPHIS_PYTHON"] ?? "python3";
  return spawn(python, [PROGRAM, way, address], { stdio: ["ignore", "inherit", "inherit"] });
}

export async function stopPython(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await once(child, "exit");
}

/** A socket to the Python side of a way, which ends with it. */
export class Line {
  readonly socket: Socket;
  readonly #stop: () => Promise<void>;

  private constructor(socket: Socket, stop: () => Promise<void>) {
    this.socket = socket;
    this.#stop = stop;
  }

  static async open(way: string, folder: string): Promise<Line> {
    const path = join(folder, `${way}.sock`);
    const server = createServer().listen(path);
    await once(server, "listening");
    const child = startPython(way, path);
    const ended = once(child, "exit").then(([code]) => {
      throw new Error(`Cannot start ${way}: Python ended with ${String(code)}`);
    });
    const [socket] = (await Promise.race([once(server, "connection"), ended])) as [Socket];
    ended.catch(() => undefined);
    server.close();
    return new Line(socket, () => stopPython(child));
  }

  /** Sends, and resolves when the target is full of what came. */
  async ask(request: Uint8Array | string, target: Uint8Array): Promise<void> {
    this.socket.write(request);
    await this.fill(target);
  }

  /** Resolves when the target is full of what came; what follows stays in the socket. */
  fill(target: Uint8Array): Promise<void> {
    const { socket } = this;
    return new Promise((resolve) => {
      let at = 0;
      const take = (): void => {
        for (;;) {
          const wanted = target.length - at;
          const chunk = socket.read(Math.min(wanted, socket.readableLength)) as Buffer | null;
          if (chunk === null) return;
          target.set(chunk, at);
          at += chunk.length;
          if (at < target.length) continue;
          socket.off("readable", take);
          resolve();
          return;
        }
      };
      socket.on("readable", take);
      take();
    });
  }

  async close(): Promise<void> {
    this.socket.end();
    await this.#stop();
  }
}
