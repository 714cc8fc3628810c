import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect, test } from "vitest";

import { discovered, folder, functionOf } from "./project.ts";

test("classes of other libraries are named as users import them, and by their place where no package has them", async () => {
  const path = await folder();
  await mkdir(join(path, "lender_one", "_parts"), { recursive: true });
  const files = {
    "lender_one/__init__.py": "from lender_one._parts.things import Thing\n",
    "lender_one/_parts/__init__.py": "",
    "lender_one/_parts/things.py": "class Thing: ...\nclass Inner: ...\n",
    "borrower_one.py":
      "from __future__ import annotations\n" +
      "import lender_one as one\nfrom lender_one._parts import things\n" +
      "def borrow(inner: things.Inner) -> one.Thing: ...\n",
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text);
  const model = await discovered("borrower_one", { path: [path] });
  expect(functionOf(model, "borrower_one.borrow").signatures).toMatchObject([
    {
      parameters: [{ type: { kind: "name", path: "lender_one._parts.things.Inner" } }],
      returns: { kind: "name", path: "lender_one.Thing" },
    },
  ]);
});
