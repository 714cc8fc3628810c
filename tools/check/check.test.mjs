import { describe, expect, test } from "vitest";

import { addressProblems, unpinned } from "./lockfile.mjs";
import { contentProblems, versionProblems, wheelProblems } from "./packages.mjs";

describe("lockfile", () => {
  test("download address is named with its line", () => {
    const lockfile = `{\n  "url": "https://example.org/fund",\n  "resolved": "https://registry.example/a.tgz"\n}`;
    expect(addressProblems("package-lock.json", lockfile)).toEqual([
      'package-lock.json:3: holds a download address: "resolved": "https://registry.example/a.tgz"',
    ]);
    expect(addressProblems("r.txt", "--index-url https://index.example\na==1.0")).toHaveLength(1);
    expect(addressProblems("package-lock.json", `"resolved": "packages/protocol"`)).toEqual([]);
  });

  test("range is not one exact version", () => {
    const manifest = {
      dependencies: { a: "1.2.3", b: "^1.2.3" },
      devDependencies: { c: "*" },
      peerDependencies: { d: "^1" },
    };
    expect(unpinned("package.json", manifest)).toEqual([
      "package.json: b is ^1.2.3, not one exact version",
      "package.json: c is *, not one exact version",
    ]);
  });
});

describe("tarball", () => {
  const good = ["LICENSE", "README.md", "package.json", "dist/index.js", "dist/index.d.ts"];

  test("code, licence and description are enough", () => {
    expect(contentProblems("packages/a", good)).toEqual([]);
  });

  test("tests, notes of the compiler and sources are named", () => {
    const extra = ["dist/a.test.js", "dist/.tsbuildinfo", "src/index.ts"];
    expect(contentProblems("packages/a", [...good, ...extra])).toEqual(
      extra.map((path) => `packages/a: the tarball holds ${path}, which no user needs`),
    );
  });

  test("absent licence and absent code are named", () => {
    expect(contentProblems("packages/a", ["README.md", "package.json"])).toEqual([
      "packages/a: the tarball lacks LICENSE",
      "packages/a: the tarball holds no code",
    ]);
  });
});

test("version that differs from the others is named", () => {
  const one = /** @type {[string, string]} */ (["packages/a/package.json", "0.2.0"]);
  expect(versionProblems([["python/pyproject.toml", "0.1.0"], one])).toEqual([
    "python/pyproject.toml: the version is 0.1.0, not 0.2.0 as elsewhere",
  ]);
  expect(versionProblems([["python/pyproject.toml", "0.2.0"], one])).toEqual([]);
});

describe("wheel", () => {
  const good = ["amphis/__init__.py", "amphis/py.typed", "amphis-0.1.0.dist-info/licenses/LICENSE"];

  test("typed package with its licence is enough", () => {
    expect(wheelProblems(good)).toEqual([]);
  });

  test("absent marker, absent licence and foreign files are named", () => {
    expect(wheelProblems(["amphis/__init__.py", "amphis/notes.txt", "tests/test_a.py"])).toEqual([
      "python: the wheel holds amphis/notes.txt, which no user needs",
      "python: the wheel holds tests/test_a.py, which no user needs",
      "python: the wheel lacks amphis/py.typed",
      "python: the wheel lacks LICENSE",
    ]);
  });
});
