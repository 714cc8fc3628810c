// oxlint-disable-next-line import/no-unassigned-import -- @peculiar/x509 needs it loaded first
import "reflect-metadata";

import { webcrypto } from "node:crypto";

import { AmphisError } from "@amphis/protocol";
import {
  BasicConstraintsExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";
import { afterAll, beforeAll, expect, test } from "vitest";

import type { Connection, Listener } from "./transport.ts";
import { webSocket } from "./websocket.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

interface Identity {
  readonly cert: string;
  readonly key: string;
}

async function pem(key: webcrypto.CryptoKey): Promise<string> {
  const bytes = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", key));
  return `-----BEGIN PRIVATE KEY-----\n${bytes.toString("base64")}\n-----END PRIVATE KEY-----\n`;
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

/** An authority, and what it signs. */
async function authority(): Promise<{
  readonly cert: string;
  readonly issue: (name: string) => Promise<Identity>;
}> {
  const keys = await newKeys();
  const period = {
    notBefore: new Date(Date.now() - 3_600_000),
    notAfter: new Date(Date.now() + 3_600_000),
  };
  const root = await X509CertificateGenerator.createSelfSigned({
    ...period,
    serialNumber: "01",
    name: "CN=authority",
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [new BasicConstraintsExtension(true, 1, true)],
  });
  const issue = async (name: string): Promise<Identity> => {
    const own = await newKeys();
    const certificate = await X509CertificateGenerator.create({
      ...period,
      serialNumber: "02",
      subject: `CN=${name}`,
      issuer: root.subject,
      signingAlgorithm: ALGORITHM,
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
      extensions: [
        new SubjectAlternativeNameExtension([
          { type: "dns", value: name },
          { type: "ip", value: "127.0.0.1" },
        ]),
      ],
    });
    return { cert: certificate.toString("pem"), key: await pem(own.privateKey) };
  };
  return { cert: root.toString("pem"), issue };
}

let ca: string;
let server: Identity;
let client: Identity;
let listener: Listener;
let accepted: Connection[] = [];
const rejections: string[] = [];
let rejected: () => void = () => undefined;

beforeAll(async () => {
  const trusted = await authority();
  ca = trusted.cert;
  server = await trusted.issue("server.test");
  client = await trusted.issue("client.test");
  listener = await webSocket({
    tls: {
      secureContext: { ...server, ca },
      requestClientCertificate: true,
      onRejected: ({ code }) => {
        rejections.push(code);
        rejected();
      },
    },
  }).listen("wss://127.0.0.1:0/frames", (connection) => {
    accepted.push(connection);
    connection.receive((frame) => connection.send(frame));
  });
});
afterAll(() => listener.close());

function connect(secureContext: object, serverName?: string): Promise<Connection> {
  return webSocket({ tls: { secureContext, serverName } }).connect(listener.address);
}

test("both ends of mutual TLS know whom they talk to, and frames of any size cross", async () => {
  accepted = [];
  const connection = await connect({ ...client, ca });
  expect(connection.peer).toMatchObject({
    transport: "wss",
    address: listener.address,
    certificate: { subject: "CN=server.test", names: ["DNS:server.test", "IP Address:127.0.0.1"] },
  });
  const echo = new Promise<number>((resolve) => {
    connection.receive(({ body }) => resolve(body.length));
  });
  await connection.send({ kind: "message", body: new Uint8Array(3_000_000) });
  expect(await echo).toBe(3_000_000);
  const [far] = accepted;
  expect(far?.peer).toMatchObject({
    transport: "wss",
    certificate: { subject: "CN=client.test", issuer: "CN=authority" },
  });
  expect(far?.peer.certificate?.fingerprint).toMatch(/^[0-9a-f]{64}$/u);
  expect(await connection.drain()).toEqual({ kind: "local" });
  expect(await far?.closed).toEqual({ kind: "peer" });
});

test("a close reaches the peer in good order through TLS", async () => {
  accepted = [];
  const connection = await connect({ ...client, ca });
  await connection.close();
  expect(await accepted[0]?.closed).toEqual({ kind: "peer" });
});

test("a listener without a trusted certificate, or with another name, is rejected", async () => {
  for (const connecting of [connect({ ...client }), connect({ ...client, ca }, "other.test")]) {
    const error: unknown = await connecting.catch((error: unknown) => error);
    expect(error).toBeInstanceOf(AmphisError);
    expect(error).toMatchObject({ code: "PEER_REJECTED", address: listener.address });
  }
});

test("a client without a trusted certificate is rejected, and no connection comes of it", async () => {
  accepted = [];
  const stranger = await (await authority()).issue("client.test");
  for (const own of [{}, stranger]) {
    rejections.length = 0;
    const told = new Promise<void>((resolve) => {
      rejected = resolve;
    });
    const failure: unknown = await connect({ ...own, ca }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "CONNECT_FAILED" });
    await told;
    expect(rejections).toEqual(["PEER_REJECTED"]);
  }
  expect(accepted).toEqual([]);
});
