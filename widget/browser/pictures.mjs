// The README's pictures: what a customer sees, on a desk and on a phone.

import { chat, DESK, PHONE } from "./stage.mjs";

async function answered(s, options) {
  const page = await s.open("/", options);
  await chat.open(page);
  await chat.ask(page, "What does a return cost me?");
  await chat.answer(page).getByRole("link").first().waitFor();
  return page;
}

export const scenarios = {
  desk: {
    play: async (s) => {
      const page = await answered(s, { viewport: DESK });
      await s.picture(page, "shop");
    },
  },
};
void PHONE;
