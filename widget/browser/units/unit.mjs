// A module of the app, as TestUnits bundled it.

import { join } from "node:path";
import { pathToFileURL } from "node:url";

export const unit = (name) => import(pathToFileURL(join(process.env.FRONTDESK_UNITS, name + ".mjs")).href);
