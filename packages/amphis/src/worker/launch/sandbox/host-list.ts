import { BlockList, isIP } from "node:net";

import type { HostRule } from "../network-rules.ts";

/** Addresses of this machine, of networks that are not public, and such as carry one of those within. */
const NOT_PUBLIC = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "::/96",
  "64:ff9b::/96",
  "64:ff9b:1::/48",
  "2001::/32",
  "2002::/16",
  "fc00::/7",
  "fe80::/10",
  "fec0::/10",
  "ff00::/8",
] as const;

const notPublic = listOf(NOT_PUBLIC);
const loopback = listOf(["127.0.0.0/8", "::1/128"]);

/** Which names, and which addresses, may be reached. */
export class HostList {
  readonly #names: readonly HostRule[];
  readonly #nets: readonly { readonly list: BlockList; readonly port: number }[];

  constructor(rules: readonly HostRule[]) {
    this.#names = rules.filter(({ kind }) => kind !== "net" && kind !== "unix");
    this.#nets = rules
      .filter(({ kind }) => kind === "net")
      .map(({ text, port }) => ({ list: listOf([text]), port }));
  }

  /** Whether a host may be asked for by this name. */
  allowsName(name: string, port: number): boolean {
    const own = name.toLowerCase().replace(/\.$/u, "");
    return this.#names.some(
      (rule) => isNamed(rule, own) && (rule.port === 0 || rule.port === port),
    );
  }

  /** Whether an address may be asked for by its number. */
  allowsAddress(address: string, port: number): boolean {
    if (this.#isListed(address, port)) return true;
    const isAny = this.#names.some(
      (rule) => rule.kind === "any" && (rule.port === 0 || rule.port === port),
    );
    return isAny && !holds(notPublic, address);
  }

  /** Whether a name that is allowed may lead to this address: who owns a name decides where it leads, and not what is inside. */
  mayLead(name: string, address: string, port: number): boolean {
    if (this.#isListed(address, port)) return true;
    const isOwn = /^(?:.+\.)?localhost\.?$/iu.test(name);
    return isOwn ? holds(loopback, address) : !holds(notPublic, address);
  }

  #isListed(address: string, port: number): boolean {
    return this.#nets.some(
      (rule) => (rule.port === 0 || rule.port === port) && holds(rule.list, address),
    );
  }
}

function isNamed({ kind, text }: HostRule, name: string): boolean {
  if (kind === "any") return true;
  return kind === "name" ? name === text : name.endsWith(`.${text}`);
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", bits] = network.split("/");
    list.addSubnet(address, Number(bits), familyOf(address));
  }
  return list;
}

function holds(list: BlockList, address: string): boolean {
  // The part behind % says which link is meant.
  const [number = ""] = address.split("%");
  return list.check(number, familyOf(number));
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 4 ? "ipv4" : "ipv6";
}
