// Pictures of what stands beside a conversation: suggestion, whispers, taking over.

import { PHONE } from "../../../widget/browser/stage.mjs";
import { customer, desk, noise } from "./people.mjs";

const wide = { viewport: { width: 1440, height: 900 } };
const phone = { viewport: PHONE, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
const shapes = { desk: wide, dark: { ...wide, colorScheme: "dark" }, phone, "phone-dark": { ...phone, colorScheme: "dark" } };

async function suggestion(s, page) {
  const c = await customer(s, ["How do I descale the K2 kettle?"]);
  await desk.open(page, c.reference);
  await page.getByRole("toolbar").getByRole("button").first().click();
  await page.locator(".composer .suggest").waitFor();
  await s.picture(page, s.as + "-offered");
  await page.locator(".composer .suggest .button-small").first().click();
  await page.locator(".sources .source-chip").waitFor();
}

async function whisper(s, page) {
  const c = await customer(s, ["My parcel KW-8877665 has not come and nobody answers"]);
  const other = await desk.enter(s, "agent", { alone: true });
  await desk.open(other, c.reference);
  await other.getByRole("toolbar").getByRole("button", { name: "Claim" }).click();
  await other.getByRole("toolbar").getByRole("button", { name: "Close case" }).waitFor();
  await page.evaluate(() => (location.hash = "#/open/all"));
  await desk.open(page, c.reference);
  await other.getByText("Robin is looking").waitFor({ state: "attached" });
  await other.getByLabel(/^Reply to/).pressSequentially("I am sorry that nobody has answered. I have asked the carrier where it is, and", { delay: 5 });
  await page.locator(".beside-watch").waitFor();
  const field = page.locator(".composer textarea");
  await field.fill("Offer her express delivery, it is on us.");
  await page.keyboard.press("Control+Enter");
  await other.locator(".beside-whispers").waitFor();
  await field.fill("And a voucher");
  await s.picture(other, s.as + "-to");
  await s.picture(page, s.as + "-watch");
  await page.getByRole("toolbar").getByRole("button").first().click();
  await page.getByRole("dialog").waitFor();
}

export const scenarios = {};
for (const [shape, window] of Object.entries(shapes)) {
  for (const language of ["en", "de"]) {
    for (const [name, play] of Object.entries({ suggestion, whisper })) {
      const as = `${name}-${shape}-${language}`;
      scenarios[as] = {
        noise,
        window,
        play: async (s) => {
          s.as = as;
          const page = await desk.enter(s, "admin", { alone: true });
          if (language === "de") {
            await page.evaluate(() => localStorage.setItem("desk.language", "de"));
            await page.reload();
            await page.locator(".rows:not([aria-busy]), .empty").first().waitFor();
          }
          await play(s, page);
          await s.picture(page, as);
        },
      };
    }
  }
}
