/* What a Python library has in public: discovered, looked up, searched. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { discover, findMember, nearMembers, searchLibraries } from "amphis/library";

const cacheFolder = await mkdtemp(join(tmpdir(), "amphis-example-"));

try {
  // #region discover
  const [json] = await discover(["json"], { cacheFolder });
  for (const module of json.modules) console.log(`${module.path}: ${module.doc?.summary}`);
  // #endregion discover

  // #region look
  const found = findMember(json, "json.dumps");
  if (found?.kind === "member" && found.member.kind === "function") {
    const { signatures, doc } = found.member;
    console.log(doc?.summary);
    for (const { name, kind, default: otherwise } of signatures[0]?.parameters ?? []) {
      console.log(`  ${kind} ${name}${otherwise === undefined ? "" : ` = ${otherwise}`}`);
    }
  }
  console.log(nearMembers(json, "json.dump5"));
  // #endregion look

  // #region search
  const [hit] = searchLibraries([json], "deserialize document", { limit: 1 });
  console.log(`${hit?.path}: ${hit?.kind}`);
  // #endregion search
} finally {
  await rm(cacheFolder, { recursive: true });
}
