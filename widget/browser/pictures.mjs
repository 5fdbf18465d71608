// The README's pictures: what a customer of the demo shop sees, on a desk and
// on a phone, from the real service.

import { chat, DESK, PHONE } from "./stage.mjs";

const desk = { viewport: DESK, deviceScaleFactor: 1.5 };
const phone = { viewport: PHONE, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

async function answered(s) {
  const page = await s.open("/");
  const app = await chat.open(page);
  // A machine that is busy starting a browser may be too slow for the embedder,
  // and the answer then is another one: the picture waits for its turn.
  for (let n = 0; n < 5; n++) {
    await chat.ask(app, "How do I send something back?");
    await chat.answer(app).waitFor();
    if ((await chat.answer(app).locator(".source a").count()) > 0) break;
    await chat.fresh(app);
  }
  await chat.answer(app).locator(".source a").first().waitFor();
  await app.evaluate(() => document.activeElement.blur());
  return [page, app];
}

export const scenarios = {
  "the shop with an answer": {
    window: desk,
    play: async (s) => s.picture((await answered(s))[0], "shop"),
  },
  "the passage behind it": {
    window: phone,
    play: async (s) => {
      const [page, app] = await answered(s);
      await s.picture(page, "phone-answer");
      await chat.answer(app).locator(".source a").first().click();
      await app.locator(".passage mark").first().waitFor();
      await s.picture(page, "phone-passage");
    },
  },
  "in line for a person": {
    window: phone,
    play: async (s) => {
      const [page, app] = await answered(s);
      await chat.talk(app).click();
      await app.getByText("You are in line for a person").waitFor();
      await page.evaluate(() => document.activeElement.blur());
      await s.picture(page, "phone-person");
    },
  },
  "a help page": {
    window: desk,
    play: async (s) => {
      const page = await s.open("/help/returns-policy");
      await s.picture(page, "help");
    },
  },
};
