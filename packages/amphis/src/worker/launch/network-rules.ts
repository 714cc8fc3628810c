/*
 * Which hosts Python may reach, as people write it:
 *
 * - `api.example.org:443`: a name and a port; without one, or with `:*`, all ports
 * - `*.example.org`: all names below one, and not itself; `*`: every host
 * - `10.1.2.3`, `10.0.0.0/8:5432`, `2001:db8::1`, `[2001:db8::1]:443`, `[fd00::/8]`: addresses
 * - `localhost:8080`: this machine, by that name and by its addresses
 * - `unix:/run/service.sock`: a Unix socket
 */

import { isIP } from "node:net";

/** One rule; port 0 stands for all. */
export interface HostRule {
  /** `name`: a host; `below`: all hosts whose names end so; `any`: every host; `net`: addresses as ADDRESS/BITS; `unix`: a path. */
  readonly kind: "name" | "below" | "any" | "net" | "unix";
  readonly text: string;
  readonly port: number;
}

const PARTS = /^(?:\[(?<six>[^[\]]+)\]|(?<host>[^:[\]]+))(?::(?<port>\*|[0-9]{1,5}))?$/u;
const NAME = /^(?=.{1,253}$)(?:[\w](?:[\w-]{0,61}[\w])?\.)*[\w](?:[\w-]{0,61}[\w])?$/u;
const MAX_PORT = 65_535;
const LOOPBACK = ["127.0.0.0/8", "::1/128"] as const;

/** @throws {TypeError} naming what is no rule, and what one looks like */
export function hostRules(texts: readonly string[]): readonly HostRule[] {
  return texts.flatMap(rulesOf);
}

function rulesOf(text: string): readonly HostRule[] {
  if (text.startsWith("unix:")) {
    if (!text.startsWith("unix:/") || text.includes("\0")) refuse(text, "an absolute path");
    return [{ kind: "unix", text: text.slice("unix:".length), port: 0 }];
  }
  // Without brackets an address of version 6 has no port.
  if (isSix(text)) return [{ kind: "net", text: network(text), port: 0 }];
  const { six, host = "", port } = PARTS.exec(text)?.groups ?? {};
  if (six !== undefined) {
    if (!isSix(six)) refuse(text, "an address of version 6 in its brackets");
    return [{ kind: "net", text: network(six), port: portOf(text, port) }];
  }
  return named(text, host.toLowerCase(), portOf(text, port));
}

function named(text: string, host: string, port: number): readonly HostRule[] {
  if (host === "*") return [{ kind: "any", text: "-", port }];
  const [address = "", bits = "32", ...more] = host.split("/");
  if (isIP(address) === 4) {
    const isFine = more.length === 0 && /^\d{1,2}$/u.test(bits) && Number(bits) <= 32;
    if (!isFine) refuse(text, "an address with 0 to 32 bits");
    return [{ kind: "net", text: `${address}/${bits}`, port }];
  }
  const isBelow = host.startsWith("*.");
  const name = isBelow ? host.slice(2) : host.replace(/\.$/u, "");
  // What is only digits at its end is an address to resolvers, whatever it looks like.
  if (!NAME.test(name) || /(?:^|\.)(?:\d+|0x[\da-f]*)$/u.test(name)) refuse(text, "a host");
  if (isBelow) return [{ kind: "below", text: name, port }];
  const itself: HostRule = { kind: "name", text: name, port };
  if (name !== "localhost") return [itself];
  return [itself, ...LOOPBACK.map((net): HostRule => ({ kind: "net", text: net, port }))];
}

function isSix(text: string): boolean {
  const [address = "", bits = "128", ...more] = text.split("/");
  const isNumber = /^\d{1,3}$/u.test(bits) && Number(bits) <= 128;
  return isIP(address) === 6 && !address.includes("%") && isNumber && more.length === 0;
}

function network(text: string): string {
  return text.includes("/") ? text : `${text}/128`;
}

function portOf(text: string, port: string | undefined): number {
  if (port === undefined || port === "*") return 0;
  const number = Number(port);
  if (number < 1 || number > MAX_PORT) refuse(text, "a port from 1 to 65535, or *");
  return number;
}

function refuse(text: string, expected: string): never {
  const forms = "api.example.org:443, *.example.org, 10.0.0.0/8:5432, [::1]:80, unix:/path";
  throw new TypeError(`${JSON.stringify(text)} is not ${expected}; rules are such as ${forms}`);
}
