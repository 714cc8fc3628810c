import { execFileSync } from "node:child_process";

import { expect, test } from "vitest";

import { holds, parseMarker } from "../../src/library/environment/marker.ts";
import {
  compareVersions,
  parseSpecifier,
  parseVersion,
  satisfies,
} from "../../src/library/environment/version.ts";
import { PYTHON } from "./project.ts";

// Whatever versions of that library agree on.
const VERSIONS = [
  "0.9",
  "1",
  "1.0",
  "1.0.0",
  "1.0.dev1",
  "1.0a1",
  "1.0a1.dev2",
  "1.0a2",
  "1.0b1",
  "1.0rc1",
  "1.0.rc.2",
  "1.0-preview3",
  "1.0.post1",
  "1.0-2",
  "1.0.post1.dev3",
  "1.0.dev456",
  "1.0+local",
  "1.0+local.2",
  "1.0+1",
  "1.1",
  "1.1.dev1",
  "1.1a1",
  "1.10",
  "1.2.3",
  "2",
  "2.0.1",
  "2!0.1",
  "v1.3",
  " 1.4 ",
  "1.0.post",
  "2026.10.18",
  "1.0-post4",
  "1.0alpha",
  "latest",
  "1..0",
  "",
  "1.0+",
  "1.0.x",
  "3.11.7",
];
const SPECIFIERS = [
  "==1.0",
  "==1.0+local",
  "!=1.0",
  "==1.*",
  "!=1.*",
  "==1.0.*",
  "~=1.0",
  "~=1.0.0",
  "~=1.0a1",
  "~=2!0.0",
  ">=1.0",
  ">1.0",
  ">1.0.post1",
  "<1.0",
  "<1.0rc1",
  "<=1.0",
  "<1.1",
  ">=1.0,<2",
  ">1,!=1.1",
  "===1.0",
  ">=1.0.dev1",
  "<=1.0.post1",
  ">1.0a1",
  "~=1",
  "=1.0",
  ">= 1.0 , < 1.10",
  "<1.0.post1",
  "==1.0.post1",
  ">1.0.dev1",
];
const MARKERS = [
  "python_version < '3.12'",
  "python_version >= '3.9' and sys_platform == 'linux'",
  "'3.10' <= python_version",
  "os_name == 'nt' or (sys_platform != 'win32' and platform_machine == 'x86_64')",
  "python_full_version == '3.11.*'",
  "platform_system in 'Linux Darwin'",
  "'linux' in sys_platform",
  "platform_machine not in 'arm64 aarch64'",
  "extra == 'fast'",
  "python_version in '3.10 3.11'",
  "implementation_name == 'cpython'",
  "python_version ~= '3.11'",
  "python_version > '3.9' and python_version < '3.11' or os_name == 'posix'",
  "platform_python_implementation != 'PyPy'",
  "python_version === '3.11'",
  "os_name",
  "os_name ==",
  "sys.platform == 'x'",
  "(os_name == 'posix'",
  "os_name == 'posix')",
  "unknown == 'x'",
  "os_name == 'a' and",
  "os_name = 'posix'",
];
const ENVIRONMENT = {
  implementation_name: "cpython",
  implementation_version: "3.11.7",
  os_name: "posix",
  platform_machine: "x86_64",
  platform_python_implementation: "CPython",
  platform_release: "6.18.44",
  platform_system: "Linux",
  platform_version: "#1 SMP",
  python_full_version: "3.11.7",
  python_version: "3.11",
  sys_platform: "linux",
};

/** What the packaging library that pip brings along says to the same. */
const ORACLE = `
import json, sys
from pip._vendor.packaging.version import InvalidVersion, Version
from pip._vendor.packaging.specifiers import InvalidSpecifier, SpecifierSet
from pip._vendor.packaging.markers import InvalidMarker, Marker
asked = json.load(sys.stdin)
def attempt(make, wrong):
    try:
        return make()
    except wrong:
        return None
versions = [attempt(lambda: Version(text), InvalidVersion) for text in asked["versions"]]
sets = [attempt(lambda: SpecifierSet(text), InvalidSpecifier) for text in asked["specifiers"]]
markers = [attempt(lambda: Marker(text), InvalidMarker) for text in asked["markers"]]
known = [version for version in versions if version is not None]
print(json.dumps({
    "valid": [version is not None for version in versions],
    "order": [[(a > b) - (a < b) for b in known] for a in known],
    "sets": [None if each is None else [each.contains(v, prereleases=True) for v in known] for each in sets],
    "markers": [
        None if each is None else [each.evaluate({**asked["environment"], "extra": extra}) for extra in ("", "fast", "fa-st")]
        for each in markers
    ],
}))
`;

interface Answer {
  readonly valid: readonly boolean[];
  readonly order: readonly (readonly number[])[];
  readonly sets: readonly (readonly boolean[] | null)[];
  readonly markers: readonly (readonly boolean[] | null)[];
}

const input = JSON.stringify({
  versions: VERSIONS,
  specifiers: SPECIFIERS,
  markers: MARKERS,
  environment: ENVIRONMENT,
});
const answer = JSON.parse(
  execFileSync(PYTHON, ["-W", "ignore", "-c", ORACLE], { input, encoding: "utf8" }),
) as Answer;
const known = VERSIONS.flatMap((text) => parseVersion(text) ?? []);

test("versions are those that the packaging library knows, in its order", () => {
  expect(VERSIONS.map((text) => parseVersion(text) !== undefined)).toEqual(answer.valid);
  for (const [at, one] of known.entries()) {
    const order = known.map((other) => Math.sign(compareVersions(one, other)));
    expect([one.text, ...order]).toEqual([one.text, ...(answer.order[at] ?? [])]);
  }
});

test.each(SPECIFIERS.map((text, at) => [text, at] as const))(
  "%s is satisfied by the versions that the packaging library accepts",
  (text, at) => {
    const clauses = parseSpecifier(text);
    const mine = clauses === undefined ? null : known.filter((each) => satisfies(each, clauses));
    const theirs =
      answer.sets[at]?.flatMap((is, index) => (is ? (known[index] ?? []) : [])) ?? null;
    expect(mine?.map((each) => each.text) ?? null).toEqual(
      theirs?.map((each) => each.text) ?? null,
    );
  },
);

test.each(MARKERS.map((text, at) => [text, at] as const))(
  "%s holds when the packaging library says so",
  (text, at) => {
    const marker = parseMarker(text);
    const mine =
      marker === undefined
        ? null
        : ["", "fast", "fa-st"].map((extra) => holds(marker, ENVIRONMENT, extra));
    expect(mine).toEqual(answer.markers[at] ?? null);
  },
);
