/* Declarations of a Python library, and a call that is refused before it is sent. */

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { isAmphisError, kw, openPython } from "amphis";
import { discover, writeTypes } from "amphis/library";

const folder = await mkdtemp(join(tmpdir(), "amphis-example-"));

try {
  // #region write
  const models = await discover(["textwrap"]);
  const { changed } = await writeTypes(models, { folder: join(folder, "python-types") });
  console.log(`written   ${changed.join(", ")}`);
  // #endregion write
  const text = await readFile(join(folder, "python-types", "textwrap.d.ts"), "utf8");
  console.log(`declared  ${/^ {2}dedent\(.*$/m.exec(text)?.[0].trim()}`);

  // #region checks
  const py = await openPython({ packages: ["textwrap"], checks: true });
  try {
    await py.call("textwrap:indent", ["a line"], kw({ prefx: "> " }));
  } catch (error) {
    if (!isAmphisError(error, "CALL_INVALID")) throw error;
    console.log(`signature ${error.signature}`);
    console.log(`meant     ${error.argument} -> ${error.suggestions.join()}`);
  }
  // #endregion checks
  await py.close();
} finally {
  await rm(folder, { recursive: true, force: true });
}
