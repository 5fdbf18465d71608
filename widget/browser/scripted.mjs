// Everything that is played against the scripted server.

import { scenarios as talk } from "./talk.mjs";
import { scenarios as trouble } from "./trouble.mjs";
import { scenarios as pages } from "./pages.mjs";
import { scenarios as window } from "./window.mjs";
import { scenarios as signing } from "./signing.mjs";
import { scenarios as bad } from "./bad.mjs";
import { scenarios as hostile } from "./hostile.mjs";

export const scenarios = { ...talk, ...window, ...signing, ...trouble, ...hostile, ...bad, ...pages };
