import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { connect as tlsConnect, createServer } from "node:tls";

import { describeTransport, listenRaw } from "@amphis/conformance/transport";
import { expect, test } from "vitest";

import { createAuthority, type Credentials } from "../../test/certificates.ts";
import { addressOf } from "./address.ts";
import { tls, type TlsOptions } from "./tls.ts";
import type { Connection, Transport } from "./transport.ts";

const authority = await createAuthority("authority");
const stranger = await createAuthority("stranger");
const server = await authority.issue("server", [
  { type: "dns", value: "localhost" },
  { type: "ip", value: "127.0.0.1" },
]);
const client = await authority.issue("client", [
  { type: "dns", value: "worker.internal" },
  { type: "url", value: "spiffe://example.org/worker" },
]);
const forged = await stranger.issue("client", [{ type: "dns", value: "worker.internal" }]);

function serving(more: TlsOptions = {}): Transport {
  return tls({ secureContext: { ...server, ca: authority.ca }, ...more });
}

function trusting(more: TlsOptions = {}): Transport {
  return tls({ secureContext: { ca: authority.ca }, ...more });
}

describeTransport("tls", async () => ({
  server: serving(),
  client: trusting(),
  address: "tls://127.0.0.1:0",
  nobody: "tls://127.0.0.1:1",
  raw: async (address) => {
    const { host, port } = addressOf(address, "tls");
    const socket = tlsConnect({ host, port, ca: authority.ca });
    await once(socket, "secureConnect");
    return socket;
  },
  listenRaw: () =>
    listenRaw(
      createServer({ ...server }),
      { host: "127.0.0.1", port: 0 },
      (port) => `tls://127.0.0.1:${port}`,
      "secureConnection",
    ),
}));

test("mutual tls tells each side who the other is", async () => {
  const accepted: Connection[] = [];
  await using listener = await serving({ requestClientCertificate: true }).listen(
    "tls://127.0.0.1:0",
    (connection) => void accepted.push(connection),
  );
  const near = await tls({ secureContext: { ...client, ca: authority.ca } }).connect(
    listener.address,
  );
  const received = new Promise((resolve) => void near.receive(resolve));
  await whenAccepted(accepted);
  await accepted[0]?.send({ kind: "event", body: new Uint8Array(1) });
  await received;
  expect(near.peer.certificate).toEqual({
    subject: "CN=server",
    issuer: "CN=authority",
    names: ["DNS:localhost", "IP Address:127.0.0.1"],
    fingerprint: fingerprintOf(server),
  });
  expect(accepted[0]?.peer.certificate).toEqual({
    subject: "CN=client",
    issuer: "CN=authority",
    names: ["DNS:worker.internal", "URI:spiffe://example.org/worker"],
    fingerprint: fingerprintOf(client),
  });
  await near.close();
});

test("a peer without a certificate has no identity where none is asked for", async () => {
  const accepted: Connection[] = [];
  await using listener = await serving().listen(
    "tls://127.0.0.1:0",
    (connection) => void accepted.push(connection),
  );
  const near = await trusting().connect(listener.address);
  await whenAccepted(accepted);
  expect(accepted[0]?.peer).toEqual({
    transport: "tls",
    address: expect.stringMatching(/^tls:\/\/127\.0\.0\.1:\d+$/u) as string,
  });
  await near.close();
});

test.each([
  ["no certificate", {}],
  ["a certificate of another authority", forged],
])("a listener that asks for certificates turns away a peer with %s", async (_, credentials) => {
  const accepted: Connection[] = [];
  let tell: (error: unknown) => void = () => undefined;
  const rejected = new Promise((resolve) => {
    tell = resolve;
  });
  await using listener = await serving({
    requestClientCertificate: true,
    onRejected: (error) => tell(error),
  }).listen("tls://127.0.0.1:0", (connection) => void accepted.push(connection));
  const outcome = tls({ secureContext: { ...credentials, ca: authority.ca } })
    .connect(listener.address)
    .then((connection) => connection.closed);
  await expect(rejected).resolves.toMatchObject({ code: "PEER_REJECTED" });
  const ended: unknown = await outcome.catch((error: unknown) => error);
  expect(ended).not.toMatchObject({ kind: "local" });
  expect(accepted).toEqual([]);
});

test("a listener whose certificate is of no trusted authority is PEER_REJECTED", async () => {
  await using listener = await serving().listen("tls://127.0.0.1:0", () => undefined);
  const connected = tls({ secureContext: { ca: stranger.ca } }).connect(listener.address);
  await expect(connected).rejects.toMatchObject({
    code: "PEER_REJECTED",
    context: { address: listener.address },
  });
});

test("a listener whose certificate has another name is PEER_REJECTED", async () => {
  await using listener = await serving().listen("tls://127.0.0.1:0", () => undefined);
  const connected = trusting({ serverName: "example.org" }).connect(listener.address);
  await expect(connected).rejects.toMatchObject({ code: "PEER_REJECTED" });
});

test("closing a listener ends handshakes that are under way", async () => {
  const listener = await serving().listen("tls://127.0.0.1:0", () => undefined);
  const { host, port } = addressOf(listener.address, "tls");
  const silent = connect({ host, port });
  silent.on("error", () => undefined);
  await once(silent, "connect");
  const ended = once(silent, "close");
  silent.resume();
  await listener.close();
  await ended;
});

async function whenAccepted(accepted: readonly Connection[]): Promise<void> {
  while (accepted.length === 0) await new Promise((resolve) => void setImmediate(resolve));
}

function fingerprintOf({ cert }: Credentials): string {
  return new X509Certificate(cert).fingerprint256.replaceAll(":", "").toLowerCase();
}
