// oxlint-disable-next-line import/no-unassigned-import -- @peculiar/x509 needs it, and says so by failing
import "reflect-metadata";

import { webcrypto } from "node:crypto";

import {
  BasicConstraintsExtension,
  cryptoProvider,
  type Extension,
  type JsonGeneralNames,
  PemConverter,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";

cryptoProvider.set(webcrypto);

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** In PEM, as Node's secure contexts take it. */
export interface Credentials {
  readonly cert: string;
  readonly key: string;
}

/** An authority made for one test. */
export interface Authority {
  /** What those who trust it are given. */
  readonly ca: string;
  issue(subject: string, names: JsonGeneralNames): Promise<Credentials>;
}

export async function createAuthority(name: string): Promise<Authority> {
  const keys = await newKeys();
  const own = await X509CertificateGenerator.createSelfSigned({
    serialNumber: "01",
    name: `CN=${name}`,
    keys,
    signingAlgorithm: ALGORITHM,
    ...validity(),
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
  });
  let serial = 1;
  return {
    ca: own.toString("pem"),
    issue: async (subject, names) => {
      const issued = await newKeys();
      const extensions: Extension[] = [new SubjectAlternativeNameExtension(names)];
      const certificate: X509Certificate = await X509CertificateGenerator.create({
        serialNumber: `0${(serial += 1)}`,
        subject: `CN=${subject}`,
        issuer: own.subject,
        publicKey: issued.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: ALGORITHM,
        ...validity(),
        extensions,
      });
      const key = await webcrypto.subtle.exportKey("pkcs8", issued.privateKey);
      return {
        cert: certificate.toString("pem"),
        key: PemConverter.encode(key, PemConverter.PrivateKeyTag),
      };
    },
  };
}

function validity(): { notBefore: Date; notAfter: Date } {
  const hour = 3_600_000;
  return { notBefore: new Date(Date.now() - hour), notAfter: new Date(Date.now() + 24 * hour) };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}
