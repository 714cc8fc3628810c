import { type HostRule, hostRules } from "./network-rules.ts";

/** How far workers are kept from the rest of the machine, weakest first. */
export type Isolation = "none" | "guarded" | "sandboxed";

/** What Python may do on behalf of this program. */
export interface WorkerPolicy {
  /** Modules that this program may reach, and what is below them; those of `deny` are not loaded by anybody. @default all are allowed */
  readonly libraries?: AllowOptions | undefined;
  /** Functions that this program may call, as `module:function`; `*` stands for any part. @default all are allowed */
  readonly functions?: AllowOptions | undefined;
  /** @default guarded: everything that this user may; sandboxed: what Python is made of, and a private temporary folder */
  readonly files?: FilePolicyOptions | undefined;
  /**
   * Whether connections may be made; or to which hosts alone, as `api.example.org:443`, `*.example.org`, `10.0.0.0/8:5432`, `localhost:*` or
   * `unix:/path`. Guarded workers connect by themselves, sandboxed ones through a proxy for HTTP and HTTPS. @default false
   */
  readonly network?: boolean | readonly string[] | undefined;
  /** Whether processes may be started. @default false */
  readonly processes?: boolean | undefined;
  /** Whether Python may call C code of its choice. @default false */
  readonly ctypes?: boolean | undefined;
  /** Whether this program may have code run that it gives as text: `eval`, `exec`, `run`, `importlib`. @default false */
  readonly code?: boolean | undefined;
  /** Whether classes may be loaded that pickled data names. @default false */
  readonly pickle?: boolean | undefined;
  /** Whether code may look at frames, other code's objects and the like, as debuggers do. @default false */
  readonly introspection?: boolean | undefined;
}

/** What is allowed, and what is not: `deny` wins. */
export interface AllowOptions {
  /** Where it is given, nothing else is allowed; `*` stands for any part of a name. @default everything */
  readonly allow?: readonly string[] | undefined;
  /** @default [] */
  readonly deny?: readonly string[] | undefined;
}

/** Files and folders that Python may use, with everything below them. */
export interface FilePolicyOptions {
  /** What is given by `write` may be read too. @default all; in a sandbox none */
  readonly read?: readonly string[] | undefined;
  /** @default all; in a sandbox none */
  readonly write?: readonly string[] | undefined;
}

/** Where the proxy of a sandbox is, in the network that it has for itself. */
export const PROXY_PORT = 3128;

const GRANTS = ["network", "processes", "ctypes", "code", "pickle", "introspection"] as const;

/** The hosts that a policy names; undefined where it grants all or nothing. @throws {TypeError} */
export function hostsOf({ network }: WorkerPolicy): readonly HostRule[] | undefined {
  return Array.isArray(network) && network.length > 0 ? hostRules(network) : undefined;
}

/** The policy as `guard_policy.py` reads it from the command line; nothing where there is no isolation. */
export function policySettings(
  isolation: Isolation,
  policy: WorkerPolicy,
): readonly (readonly [string, string])[] {
  if (isolation === "none") return [];
  const { libraries = {}, functions = {}, files = {} } = policy;
  const isClosed = isolation === "sandboxed";
  const lists: readonly (readonly [string, readonly string[] | undefined])[] = [
    ["level", [isolation]],
    ["grant", GRANTS.filter((name) => policy[name] === true)],
    ["host", hostSettings(isClosed, policy)],
    ["allowLibrary", libraries.allow],
    ["denyLibrary", libraries.deny],
    ["allowFunction", functions.allow],
    ["denyFunction", functions.deny],
    ["files", isClosed || files.read !== undefined ? ["read"] : []],
    ["files", isClosed || files.write !== undefined ? ["write"] : []],
    ["read", files.read],
    ["write", files.write],
  ];
  return lists.flatMap(([key, values = []]) =>
    values.map((value) => [`policy.${key}`, value] as const),
  );
}

/** In a sandbox nothing is there but the proxy. */
function hostSettings(isClosed: boolean, policy: WorkerPolicy): readonly string[] | undefined {
  const hosts = hostsOf(policy);
  if (hosts !== undefined && isClosed) return [`net 127.0.0.1/32 ${PROXY_PORT}`];
  return hosts?.map(({ kind, text, port }) => `${kind} ${text} ${port}`);
}
