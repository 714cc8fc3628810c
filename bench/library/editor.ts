import { spawn } from "node:child_process";
import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const MODULES = fileURLToPath(new URL("../../../node_modules", import.meta.url));
const TSC = join(MODULES, "typescript/bin/tsc");
const HEADER_END = "\r\n\r\n";

const PROGRAM = `import { openPython } from "amphis";

const py = await openPython();
const np = await py.import("numpy");
np.`;

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly result?: unknown;
}

/** What an editor says to the language server of TypeScript. */
class LanguageServer {
  readonly #process = spawn(process.execPath, [TSC, "--lsp", "--stdio"], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  readonly #waiting = new Map<number, (message: Message) => void>();
  #heard = Buffer.alloc(0);
  #asked = 0;

  constructor() {
    this.#process.stdout.on("data", (data: Buffer) => this.#hear(data));
  }

  ask(method: string, params: unknown): Promise<unknown> {
    this.#asked += 1;
    const id = this.#asked;
    this.#say({ id, method, params });
    return new Promise((resolve) => {
      this.#waiting.set(id, ({ result }) => resolve(result));
    });
  }

  tell(method: string, params: unknown): void {
    this.#say({ method, params });
  }

  close(): void {
    this.#process.kill();
  }

  #say(message: object): void {
    const text = JSON.stringify({ jsonrpc: "2.0", ...message });
    this.#process.stdin.write(`Content-Length: ${Buffer.byteLength(text)}${HEADER_END}${text}`);
  }

  #hear(data: Buffer): void {
    this.#heard = Buffer.concat([this.#heard, data]);
    for (;;) {
      const head = this.#heard.indexOf(HEADER_END);
      if (head === -1) return;
      const length = Number(
        /Content-Length: (\d+)/iu.exec(this.#heard.toString("latin1", 0, head))?.[1],
      );
      const end = head + HEADER_END.length + length;
      if (this.#heard.length < end) return;
      const text = this.#heard.toString("utf8", head + HEADER_END.length, end);
      this.#heard = this.#heard.subarray(end);
      this.#take(JSON.parse(text) as Message);
    }
  }

  #take(message: Message): void {
    const { id, method } = message;
    if (id === undefined) return;
    // It asks for settings, and goes by its own.
    if (method !== undefined) this.#say({ id, result: null });
    else this.#waiting.get(id)?.(message);
  }
}

export interface Completion {
  /** Of the first, for which the project is read. */
  readonly firstMs: number;
  /** Of one after a change. */
  readonly ms: number;
  readonly names: number;
}

/** How long an editor waits for what `np.` has, in a project whose declarations are there. */
export async function completion(folder: string): Promise<Completion> {
  const compilerOptions = {
    module: "NodeNext",
    lib: ["ES2023", "ESNext.Disposable"],
    strict: true,
  };
  const config = { compilerOptions: { ...compilerOptions, types: ["node"], noEmit: true } };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config));
  await writeFile(join(folder, "package.json"), `{ "type": "module" }`);
  await writeFile(join(folder, "program.ts"), PROGRAM);
  await symlink(MODULES, join(folder, "node_modules"));
  const server = new LanguageServer();
  try {
    return await complete(server, folder);
  } finally {
    server.close();
  }
}

async function complete(server: LanguageServer, folder: string): Promise<Completion> {
  const rootUri = pathToFileURL(folder).href;
  await server.ask("initialize", { processId: process.pid, rootUri, capabilities: {} });
  server.tell("initialized", {});
  const uri = `${rootUri}/program.ts`;
  const opened = { uri, languageId: "typescript", version: 0, text: PROGRAM };
  server.tell("textDocument/didOpen", { textDocument: opened });
  const lines = PROGRAM.split("\n");
  const position = { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
  const times: number[] = [];
  let names = 0;
  for (let version = 1; version <= 9; version += 1) {
    const start = performance.now();
    const found = await server.ask("textDocument/completion", { textDocument: { uri }, position });
    times.push(performance.now() - start);
    names = ((found as { items?: readonly unknown[] } | null)?.items ?? []).length;
    const text = PROGRAM + "\n".repeat(version);
    server.tell("textDocument/didChange", {
      textDocument: { uri, version },
      contentChanges: [{ text }],
    });
  }
  const [firstMs = Number.NaN, ...others] = times;
  return { firstMs, ms: others.toSorted((a, b) => a - b)[others.length >> 1] ?? Number.NaN, names };
}
