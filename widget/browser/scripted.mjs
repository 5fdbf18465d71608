// Everything that is played against the scripted server.

import { scenarios as talk } from "./talk.mjs";
import { scenarios as trouble } from "./trouble.mjs";
import { scenarios as pages } from "./pages.mjs";
import { scenarios as hostile } from "./hostile.mjs";

export const scenarios = { ...talk, ...trouble, ...hostile, ...pages };
