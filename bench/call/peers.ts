import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Today's packages that call Python from Node. They are measured, never depended upon, so they are installed in a folder of their own. */
const NPM_PEERS = {
  pythonia: "1.2.6",
  "node-calls-python": "1.11.1",
  pymport: "1.5.1",
  "python-shell": "5.0.0",
} as const;
export type Peer = keyof typeof NPM_PEERS;

const PYTHON_PEERS = ["fastapi==0.165.0", "uvicorn[standard]"];
/** Where `npm` and `pip` must not ask for anything, nor take longer. */
const INSTALL_MS = 300_000;

export function peersFolder(): string {
  return fileURLToPath(new URL("../../../node_modules/.cache/amphis-peers/", import.meta.url));
}

/** Installs what is missing. @returns why a peer is not there, by name */
export function installPeers(): ReadonlyMap<string, string> {
  const missing = new Map<string, string>();
  for (const peer of Object.keys(NPM_PEERS) as Peer[]) {
    const reason = tryTo(() => installFromNpm(peer));
    if (reason !== undefined) missing.set(peer, reason);
  }
  const reason = tryTo(installFromPypi);
  if (reason !== undefined) missing.set("fastapi", reason);
  return missing;
}

/** The folder that a peer's own code resolves from. */
export function peerFolder(peer: Peer): string {
  return join(peersFolder(), peer);
}

function installFromNpm(peer: Peer): void {
  const folder = peerFolder(peer);
  const done = join(folder, "installed");
  if (existsSync(done)) return;
  mkdirSync(folder, { recursive: true });
  const manifest = {
    private: true,
    type: "module",
    dependencies: { [peer]: NPM_PEERS[peer] },
    allowScripts: { [peer]: true },
  };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  run("npm", ["install", "--no-audit", "--no-fund", "--no-package-lock"], folder);
  writeFileSync(done, "");
}

function installFromPypi(): void {
  const folder = join(peersFolder(), "python");
  const done = join(folder, "installed");
  if (existsSync(done)) return;
  const python = process.env["AMPHIS_PYTHON"] ?? "python3";
  run(python, ["-m", "pip", "install", "--quiet", "--target", folder, ...PYTHON_PEERS], ".");
  writeFileSync(done, "");
}

function run(program: string, args: readonly string[], cwd: string): void {
  execFileSync(program, args, { cwd, stdio: "pipe", timeout: INSTALL_MS });
}

function tryTo(act: () => void): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    const [line = "it cannot be installed"] = String((error as Error).message).split("\n");
    return line;
  }
}
