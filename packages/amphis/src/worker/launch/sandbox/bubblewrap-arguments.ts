import { lstatSync, readlinkSync } from "node:fs";
import { dirname } from "node:path";

import { groupPlace } from "../control-group/group-of-worker.ts";
import type { WorkerSpec } from "../launcher.ts";
import { hostsOf, PROXY_PORT } from "../policy.ts";
import { startScript } from "../runtime-place.ts";

/** Folder that workers in a sandbox have as their own, and lose with it. */
const HOME = "/home/worker";
/** What fits into the private folders together, where nothing else is said. */
const TEMPORARY_BYTES = 1 << 30;

const SYSTEM = ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"] as const;
const SETTINGS = [
  "/etc/alternatives",
  "/etc/ld.so.cache",
  "/etc/ld.so.conf",
  "/etc/ld.so.conf.d",
  "/etc/localtime",
  "/etc/mime.types",
  "/etc/fonts",
] as const;
const NETWORK_SETTINGS = ["/etc/hosts", "/etc/resolv.conf", "/etc/nsswitch.conf"] as const;
const CERTIFICATES = ["/etc/ssl", "/etc/pki", "/etc/ca-certificates"] as const;
/** Where libraries look for a proxy, and for what goes past it. */
const PROXY_VARIABLES = ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"] as const;
const PAST_PROXY_VARIABLES = ["NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"] as const;

/** What a sandbox is made for. */
export interface SandboxRequest {
  readonly spec: WorkerSpec;
  /** What the interpreter is made of. */
  readonly interpreter: readonly string[];
  /** Folder of the native core. */
  readonly native: string;
  /** Descriptor at which bubblewrap finds the filter for system calls. */
  readonly filter: number;
}

/**
 * The arguments of bubblewrap up to the command.
 *
 * Everything is unshared; the tree is made of nothing but what is named here, and only the private folders and what the policy says can be
 * written.
 */
export function bubblewrapArguments(request: SandboxRequest): readonly string[] {
  const { spec, filter } = request;
  const { network = false, files = {} } = spec.policy ?? {};
  const size = String(temporaryBytes(spec));
  const isOffline = network !== true;
  const hasProxy = hostsOf(spec.policy ?? {}) !== undefined;
  return [
    "--unshare-user",
    "--unshare-ipc",
    "--unshare-pid",
    "--unshare-uts",
    "--unshare-cgroup-try",
    ...(isOffline ? ["--unshare-net"] : []),
    "--die-with-parent",
    "--new-session",
    ...flags(["cap-drop", "ALL"], ["hostname", "sandbox"], ["ro-bind", "/usr", "/usr"]),
    ...SYSTEM.flatMap(asItIs),
    ...readable([
      ...SETTINGS,
      ...(hasProxy || !isOffline ? CERTIFICATES : []),
      ...(isOffline ? [] : NETWORK_SETTINGS),
    ]),
    ...flags(["proc", "/proc"], ["dev", "/dev"]),
    ...flags(["size", size], ["tmpfs", "/tmp"], ["size", size], ["tmpfs", HOME]),
    ...readable(["/sys/devices/system/cpu"]),
    ...readable(sorted([...ownPaths(request), ...(files.read ?? [])])),
    ...sorted(files.write ?? []).flatMap((path) => ["--bind-try", path, path]),
    ...flags(["remount-ro", "/"], ["setenv", "HOME", HOME], ["unsetenv", "TMPDIR"]),
    ...(hasProxy ? proxyVariables() : []),
    ...flags(["chdir", spec.cwd ?? HOME], ["seccomp", String(filter)]),
    "--",
  ];
}

function proxyVariables(): readonly string[] {
  const where = `http://127.0.0.1:${PROXY_PORT}`;
  return [
    ...PROXY_VARIABLES.flatMap((name) => ["--setenv", name, where]),
    ...PAST_PROXY_VARIABLES.flatMap((name) => ["--unsetenv", name]),
  ];
}

/** Of each private folder. Where a group counts what is in them, a full one is an error and not the end of the worker that filled it. */
function temporaryBytes(spec: WorkerSpec): number {
  const { memoryBytes = TEMPORARY_BYTES } = spec.limits ?? {};
  return groupPlace(spec) === undefined ? memoryBytes : Math.floor(memoryBytes / 2);
}

function ownPaths({ spec, interpreter, native }: SandboxRequest): readonly string[] {
  const runtime = dirname(dirname(dirname(startScript())));
  return [...interpreter, runtime, native, ...(spec.path ?? [])];
}

function readable(paths: readonly string[]): readonly string[] {
  return paths.flatMap((path) => ["--ro-bind-try", path, path]);
}

/** Those above come first, or they would hide those below. */
function sorted(paths: readonly string[]): readonly string[] {
  return [...new Set(paths)].toSorted();
}

/** A folder of the system, which may be a link to one below `/usr`. */
function asItIs(path: string): readonly string[] {
  try {
    if (lstatSync(path).isSymbolicLink()) return ["--symlink", readlinkSync(path), path];
    return ["--ro-bind", path, path];
  } catch {
    return [];
  }
}

function flags(...each: readonly (readonly string[])[]): readonly string[] {
  return each.flatMap(([name = "", ...values]) => [`--${name}`, ...values]);
}
