// What Node takes by itself.

import { moment, tell } from "../moments.ts";

const now = moment();
tell({ loaded: now, opened: now, answered: now });
