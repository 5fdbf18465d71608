// A picture of every state in every shape, with the places of what holds a screen
// together: see TestShots.

import { appendFileSync } from "node:fs";
import { join } from "node:path";

import { chat, DESK, PHONE } from "./stage.mjs";
import { tour } from "./states.mjs";

const phone = { viewport: PHONE, hasTouch: true, isMobile: true, deviceScaleFactor: 1 };
const shapes = {
  desk: { viewport: DESK },
  "desk-dark": { viewport: DESK, colorScheme: "dark" },
  phone,
  "phone-dark": { ...phone, colorScheme: "dark" },
  "phone-rtl": { ...phone, rtl: true },
};

// Landmarks: what stands where whatever the fonts are.
const LANDMARKS = [".head", ".body", ".person", ".talk", ".composer", "#fd-write", ".composer > .button-main", ".menu", ".passage"];

export const scenarios = {};
for (const [shape, { rtl, ...window }] of Object.entries(shapes)) {
  scenarios[shape] = {
    window,
    play: async (s) => {
      const page = await s.open(rtl ? "/chat/shop?lang=ar" : "/");
      const keep = async (state, app) => {
        const boxes = {};
        for (const name of LANDMARKS) {
          const box = await app.locator(name).first().boundingBox();
          if (box !== null) boxes[name] = [box.x, box.y, box.width, box.height].map(Math.round);
        }
        appendFileSync(join(s.out, "boxes.jsonl"), JSON.stringify({ name: `${state}-${shape}`, boxes }) + "\n");
        await s.picture(page, `${state}-${shape}`);
      };
      if (!rtl) {
        await chat.launcher(page).waitFor();
        await s.picture(page, "closed-" + shape);
      }
      const app = await chat.open(page);
      await tour(s, page, app, (state) => keep(state, app));
    },
  };
}
