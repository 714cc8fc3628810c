/*
 * The one form of addresses, free of Node so that browsers read them too:
 *
 *   unix:/run/app.sock     a socket in the file system; the rest is the path, as it is
 *   unix:@name             a name outside of it (Linux), which anyone may take: refused unless `allowAbstract`
 *   shm:/run/app.sock      rings in shared memory, opened over such a socket; shm:@name as above
 *   pipe:name              a named pipe of Windows
 *   tcp://host:port        tls://host:port        port 0 lets the system choose; IPv6 in brackets
 *   ws://host:port/path    wss://host:port/path   port and path may be left out
 *   stdio:                 standard input and output
 *   inproc:name            within this process
 */

import { AmphisError } from "@amphis/protocol";

export type Address =
  | { readonly scheme: "unix" | "shm"; readonly path: string; readonly abstract: boolean }
  | { readonly scheme: "pipe"; readonly name: string }
  | HostAddress<"tcp">
  | HostAddress<"tls">
  | WebSocketAddress<"ws">
  | WebSocketAddress<"wss">
  | { readonly scheme: "stdio" }
  | { readonly scheme: "inproc"; readonly name: string };

export interface HostAddress<S extends string> {
  readonly scheme: S;
  readonly host: string;
  readonly port: number;
}

export interface WebSocketAddress<S extends string> extends HostAddress<S> {
  /** With the leading slash, and the query if there is one. */
  readonly path: string;
}

export type Scheme = Address["scheme"];

/** Text after the scheme that names a host: `//host:port/path?query`. */
const AUTHORITY =
  /^\/\/(?<host>\[[0-9a-fA-F:.]+\]|[^\s:/?#@[\]]+)(?::(?<port>\d{1,5}))?(?<path>[/?]\S*)?$/u;
const DEFAULT_PORTS = { ws: 80, wss: 443 } as const;

/** @throws {AmphisError} ADDRESS_INVALID with what is wrong */
export function parseAddress(address: string): Address {
  const colon = address.indexOf(":");
  const scheme = address.slice(0, Math.max(colon, 0));
  const rest = address.slice(colon + 1);
  switch (scheme) {
    case "unix":
    case "shm":
      return parseUnix(address, scheme, rest);
    case "pipe":
    case "inproc":
      return { scheme, name: parseName(address, rest) };
    case "tcp":
    case "tls":
      return parseHost(address, scheme, rest);
    case "ws":
    case "wss":
      return parseWebSocket(address, scheme, rest);
    case "stdio":
      if (rest !== "") throw invalidAddress(address, "nothing may follow stdio:");
      return { scheme };
    default:
      throw invalidAddress(
        address,
        scheme === ""
          ? "it starts with no scheme such as unix:, shm:, pipe:, tcp:, tls:, ws:, wss:, stdio: or inproc:"
          : `there is no scheme ${JSON.stringify(scheme)}`,
      );
  }
}

/** The address as text; `parseAddress` gives it back. */
export function formatAddress(address: Address): string {
  switch (address.scheme) {
    case "unix":
    case "shm":
      return `${address.scheme}:${address.abstract ? "@" : ""}${address.path}`;
    case "stdio":
      return "stdio:";
    case "pipe":
    case "inproc":
      return `${address.scheme}:${address.name}`;
    case "tcp":
    case "tls":
      return `${address.scheme}://${formatHost(address.host)}:${address.port}`;
    default: {
      const { scheme, host, port, path } = address;
      const shown = port === DEFAULT_PORTS[scheme] ? "" : `:${port}`;
      return `${scheme}://${formatHost(host)}${shown}${path}`;
    }
  }
}

/** @throws {AmphisError} ADDRESS_INVALID when the address has another scheme, too */
export function addressOf<S extends Scheme>(
  address: string,
  ...schemes: readonly S[]
): Extract<Address, { scheme: S }> {
  const parsed = parseAddress(address);
  if (!(schemes as readonly Scheme[]).includes(parsed.scheme)) {
    throw invalidAddress(address, `it must start with ${schemes.join(": or ")}:`);
  }
  return parsed as Extract<Address, { scheme: S }>;
}

export function invalidAddress(address: string, reason: string): AmphisError<"ADDRESS_INVALID"> {
  const message = `Cannot use address ${JSON.stringify(address)}: ${reason}`;
  return new AmphisError("ADDRESS_INVALID", message, { address, reason });
}

function parseUnix(address: string, scheme: "unix" | "shm", rest: string): Address {
  if (rest.includes("\0")) throw invalidAddress(address, "a path contains no NUL");
  if (rest.startsWith("@")) {
    if (rest.length === 1) throw invalidAddress(address, "the name behind @ is empty");
    return { scheme, path: rest.slice(1), abstract: true };
  }
  if (rest.startsWith("//")) {
    throw invalidAddress(address, `a path has no host: write ${scheme}:/path with one slash`);
  }
  if (!rest.startsWith("/")) throw invalidAddress(address, "the path must be absolute");
  if (rest.endsWith("/")) throw invalidAddress(address, "the path names a folder");
  return { scheme, path: rest, abstract: false };
}

function parseName(address: string, name: string): string {
  if (!/^[\w.-]{1,200}$/u.test(name)) {
    throw invalidAddress(
      address,
      "a name has 1 to 200 letters, digits, dots, dashes and underscores",
    );
  }
  return name;
}

interface Authority {
  readonly host: string;
  readonly port: number | undefined;
  readonly path: string;
}

function parseAuthority(address: string, scheme: string, rest: string): Authority {
  const { host, port, path = "" } = AUTHORITY.exec(rest)?.groups ?? {};
  if (host === undefined) {
    throw invalidAddress(address, `it must have the form ${scheme}://host:port`);
  }
  const number = port === undefined ? undefined : Number(port);
  if (number !== undefined && number > 65_535) {
    throw invalidAddress(address, `port ${port} is above 65535`);
  }
  return { host: host.startsWith("[") ? host.slice(1, -1) : host, port: number, path };
}

function parseHost(address: string, scheme: "tcp" | "tls", rest: string): Address {
  const { host, port, path } = parseAuthority(address, scheme, rest);
  if (port === undefined) throw invalidAddress(address, "the port is missing");
  if (path !== "") throw invalidAddress(address, "nothing may follow the port");
  return { scheme, host, port };
}

function parseWebSocket(address: string, scheme: "ws" | "wss", rest: string): Address {
  const { host, port = DEFAULT_PORTS[scheme], path } = parseAuthority(address, scheme, rest);
  if (path.includes("#")) throw invalidAddress(address, "a WebSocket address has no fragment");
  return { scheme, host, port, path: path.startsWith("/") ? path : `/${path}` };
}

function formatHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
