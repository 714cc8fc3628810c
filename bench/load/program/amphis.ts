import { openPython } from "amphis";

import { moment, tell } from "../moments.ts";

const loaded = moment();
const py = await openPython();
const opened = moment();
await py.call("math:sqrt", [2]);
const answered = moment();
await py.close();
tell({ loaded, opened, answered });
