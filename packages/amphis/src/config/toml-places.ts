import { parseTOML } from "toml-eslint-parser";
import type { AST } from "toml-eslint-parser";

import type { Place } from "./places.ts";

/** Where the options stand in a text of TOML, which can be read as such. */
export function tomlPlaces(text: string): Place {
  const whole: Place = { key: 0, value: 0, parts: new Map() };
  for (const part of parseTOML(text).body[0].body) {
    if (part.type === "TOMLKeyValue") add(whole, part);
    else {
      const table = reach(whole, part.resolvedKey, part.key.range[0]);
      for (const each of part.body) add(table, each);
    }
  }
  return whole;
}

function add(table: Place, { key, value }: AST.TOMLKeyValue): void {
  const names = key.keys.map((each) => (each.type === "TOMLBare" ? each.name : each.value));
  const last = names.pop();
  if (last === undefined) return;
  const parent = reach(table, names, key.range[0]);
  parent.parts.set(last, placeOfValue(key.range[0], value));
}

function placeOfValue(key: number, value: AST.TOMLContentNode): Place {
  const place: Place = { key, value: value.range[0], parts: new Map() };
  if (value.type === "TOMLInlineTable") for (const each of value.body) add(place, each);
  if (value.type === "TOMLArray") {
    for (const [index, each] of value.elements.entries()) {
      place.parts.set(String(index), placeOfValue(each.range[0], each));
    }
  }
  return place;
}

/** The table of these names, made where it has no line of its own. */
function reach(from: Place, names: readonly (string | number)[], offset: number): Place {
  let place = from;
  for (const name of names) {
    let part = place.parts.get(String(name));
    if (part === undefined) {
      part = { key: offset, value: offset, parts: new Map() };
      place.parts.set(String(name), part);
    }
    place = part;
  }
  return place;
}
