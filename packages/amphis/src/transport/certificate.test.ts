import { expect, test } from "vitest";

import { namesOf } from "./certificate.ts";

test("alternative names are taken apart", () => {
  expect(namesOf("DNS:a.example, IP Address:127.0.0.1, URI:spiffe://example.org/a")).toEqual([
    "DNS:a.example",
    "IP Address:127.0.0.1",
    "URI:spiffe://example.org/a",
  ]);
  expect(namesOf("IP Address:0:0:0:0:0:0:0:1")).toEqual(["IP Address:0:0:0:0:0:0:0:1"]);
  expect(namesOf("")).toEqual([]);
});

test("a name that looks like two stays one", () => {
  expect(namesOf('DNS:"a.example, DNS:admin.example", DNS:b.example')).toEqual([
    "DNS:a.example, DNS:admin.example",
    "DNS:b.example",
  ]);
});
