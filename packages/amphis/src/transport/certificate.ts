import type { X509Certificate } from "node:crypto";

import type { PeerCertificate } from "./transport.ts";

/** A name is bare, or in quotes as JSON where it would be ambiguous. */
const NAME = /([^:,\s][^:,]*):(?:"((?:[^"\\]|\\.)*)"|([^,]*))(?:, |$)/gu;

/** What a verified certificate says. */
export function certificateOf(certificate: X509Certificate): PeerCertificate {
  return {
    subject: certificate.subject ?? "",
    issuer: certificate.issuer ?? "",
    names: namesOf(certificate.subjectAltName ?? ""),
    fingerprint: certificate.fingerprint256.replaceAll(":", "").toLowerCase(),
  };
}

/** Node's text of the alternative names, taken apart: a peer may put a comma into a name to fake another. */
export function namesOf(text: string): string[] {
  return [...text.matchAll(NAME)].map(([, kind, quoted, bare = ""]) => {
    const name = quoted === undefined ? bare : (JSON.parse(`"${quoted}"`) as string);
    return `${kind}:${name}`;
  });
}
