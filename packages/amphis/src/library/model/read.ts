import { Judge } from "./judge.ts";
import { type LibraryModel, MODEL_FORMAT } from "./model.ts";
import { readClass, readMembers, readTypeAlias } from "./read-member.ts";
import { readDoc, readParameter, type Tables } from "./read-signature.ts";
import { MOST_TYPE_PARTS, readType, readTypeParameter } from "./read-type.ts";
import { Table } from "./table.ts";

/**
 * The model in a packed one, which a file or a process gave and JSON was parsed of; it is used up.
 *
 * A packed model has each type, parameter and type parameter once, in tables named `types`, `parameters` and `typeParameters`, and their
 * numbers wherever the model has them. So it is small, and quickly read: each is checked once, and shared by all that name it. The
 * time that it takes grows with its size only. What the format does not know is left alone.
 *
 * @throws {AmphisError} LIBRARY_MODEL_INVALID
 */
export function readLibrary(packed: unknown): LibraryModel {
  const judge = new Judge("a library");
  const model = judge.dict(packed, "model");
  if (model["format"] !== MODEL_FORMAT) judge.refuse("format", `${MODEL_FORMAT}`);
  judge.text(model["name"], "name");
  judge.at = model["name"] as string;
  judge.optionalText(model["version"], "version");
  judge.optionalText(model["distribution"], "distribution");
  judge.text(model["python"], "python");
  const tables = readTables(judge, model);
  for (const module of judge.list(model["modules"], "modules")) readModule(judge, tables, module);
  readHidden(judge, tables, model["hidden"]);
  const { format, name, version, distribution, python, modules, hidden } =
    model as unknown as LibraryModel;
  return { format, name, version, distribution, python, modules, hidden };
}

function readTables(judge: Judge, model: Readonly<Record<string, unknown>>): Tables {
  const types = new Table(judge, "types");
  types.fill(model["types"], MOST_TYPE_PARTS, (node) => readType(judge, types, node));
  const parameters = new Table(judge, "parameters");
  parameters.fill(model["parameters"], MOST_TYPE_PARTS + 1, (one) =>
    readParameter(judge, types, one),
  );
  const typeParameters = new Table(judge, "typeParameters");
  typeParameters.fill(model["typeParameters"], MOST_TYPE_PARTS * 4, (one) =>
    readTypeParameter(judge, types, one),
  );
  return { types, parameters, typeParameters };
}

function readModule(judge: Judge, tables: Tables, value: unknown): void {
  const module = judge.dict(value, "module");
  judge.text(module["path"], "path");
  judge.at = module["path"] as string;
  judge.optionalText(module["failure"], "failure");
  judge.optionalText(module["deprecated"], "deprecated");
  readDoc(judge, module["doc"]);
  readMembers(judge, tables, module["members"]);
}

function readHidden(judge: Judge, tables: Tables, value: unknown): void {
  for (const one of judge.list(value, "hidden")) {
    const hidden = judge.dict(one, "hidden");
    judge.text(hidden["path"], "path");
    judge.at = hidden["path"] as string;
    judge.text(hidden["name"], "name");
    if (hidden["kind"] === "class") readClass(judge, tables, hidden);
    else if (hidden["kind"] === "type") readTypeAlias(judge, tables, hidden);
    else judge.refuse("hidden", "classes and aliases of types");
  }
}
