// Every screen of the desk, in every shape it comes in, for people to look at.

import { DESK, PHONE } from "../../../widget/browser/stage.mjs";
import { customer, desk, noise } from "./people.mjs";

const wide = { viewport: { width: 1440, height: 900 } };
const phone = { viewport: PHONE, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
const shapes = {
  desk: wide,
  "desk-dark": { ...wide, colorScheme: "dark" },
  narrow: { viewport: DESK },
  phone,
  "phone-dark": { ...phone, colorScheme: "dark" },
};

let seeded = false;

async function seed(s) {
  if (seeded) return;
  seeded = true;
  await customer(s, ["Ich möchte meine Mühle zurückgeben, Bestellung KW-7654321", "Wo bleibt mein Geld? Das ist jetzt drei Wochen her"], { language: "de" });
  await customer(s, ["Can I get an invoice for my company? We bought 4 grinders, anna@example.org"]);
  await customer(s, ["This is a disgrace, three weeks for a refund and nobody answers. Order KW-2233445, 129.00 EUR"]);
  await customer(s, ["Can the Gram scale be calibrated with a 200 g weight? The manual mentions 500 g only."]);
}

const states = {
  list: async (s, page) => {
    await page.locator(".row[data-ref]").first().waitFor();
  },
  case: async (s, page) => {
    const c = await customer(s, ["Hello, my K2 flashes red three times, order KW-1234567", "I already descaled it twice, that did not help"]);
    await desk.open(page, c.reference);
    await page.getByRole("toolbar").getByRole("button", { name: "Claim" }).click();
    await page.locator(".case-sub", { hasText: "yours" }).waitFor();
    await desk.reply(page, "Hello, this is Robin. I have read everything; you will not have to repeat it.");
    await page.locator(".composer-tab", { hasText: "Note" }).click();
    await page.getByLabel("Internal note").fill("Second red K2 this week.");
    await page.keyboard.press("Control+Enter");
    await page.locator(".note").waitFor();
    await page.locator(".composer-tab", { hasText: "Reply" }).click();
    await desk.rest(page);
    await page.waitForTimeout(400);
  },
  close: async (s, page) => {
    await states.case(s, page);
    await page.getByRole("toolbar").getByRole("button", { name: "Close case" }).click();
    await page.getByRole("dialog").waitFor();
  },
  wall: async (s, page) => {
    await page.evaluate(() => (location.hash = "#/wall"));
    await page.locator(".wall-table tbody tr").first().waitFor();
  },
  routes: async (s, page) => {
    await page.evaluate(() => (location.hash = "#/settings/routes"));
    await page.locator(".table tbody tr").first().waitFor();
  },
};

// Those that need no words of one language, and so are looked at in German too.
const go = async (page, hash, ready) => {
  await page.evaluate((h) => (location.hash = h), hash);
  await page.locator(ready).first().waitFor();
  await page.waitForTimeout(300);
};
const setting = {
  search: async (s, page) => {
    await go(page, "#/search/" + encodeURIComponent("kw geld is:open"), ".row-found mark, .empty");
  },
  found: async (s, page) => {
    await page.locator("#search").fill("invoice");
    await go(page, "#/search/grinders", ".row-found mark, .empty");
  },
  alone: async (s, page) => {
    await customer(s, ["Wie oft muss ich den K2 entkalken?", "Und womit?"], { language: "de", person: false });
    await customer(s, ["Wie oft soll ich meine Maschine entkalken, sie blinkt rot"], { language: "de" });
    for (;;) {
      await page.reload();
      await go(page, "#/search/entkalken", ".row[data-id], .empty");
      if ((await page.locator(".row-alone").count()) > 0) break;
    }
    await s.picture(page, s.as + "-list");
    await page.locator(".row-alone a").first().click();
    await page.locator(".alone-foot").waitFor();
    await page.waitForTimeout(400);
  },
  filters: async (s, page) => {
    await go(page, "#/search/refund", ".chips");
    await page.locator(".search-filter").click();
    await page.getByRole("dialog").waitFor();
  },
  view: async (s, page) => {
    const made = await page.request.put(`${s.base}/desk/api/v1/views/new`, { headers: { Origin: s.base }, data: { name: "Refunds and returns", query: "is:open refund" } });
    await page.request.put(`${s.base}/desk/api/v1/views/new`, { headers: { Origin: s.base }, data: { name: "German, waiting", query: "is:waiting language:de", shared: true } });
    await page.reload();
    await page.locator(".rail-saved").first().waitFor({ state: "attached" });
    await go(page, "#/view/" + (await made.json()).id, ".row, .empty");
    const menu = page.locator(".list-head .only-narrow");
    if (await menu.isVisible()) await menu.click();
  },
  queues: async (s, page) => go(page, "#/settings/queues", ".table tbody tr"),
  hours: async (s, page) => {
    await go(page, "#/settings/queues", ".table tbody tr");
    await page.locator(".table tbody tr button").nth(2).click();
    const form = page.getByRole("dialog");
    await form.locator(".hours .check").nth(1).click();
    await form.locator(".hours-zone").fill("Europe/Berlin");
    await form.locator(".hours-day button").nth(1).click();
    await form.locator(".hours-holidays > button").click();
    await form.locator(".hours-holiday input[type=date]").fill("2026-12-25");
    await form.locator(".hours-holiday input[type=checkbox]").check();
    await form.locator(".hours-now p").first().waitFor();
    await form.locator(".hours").scrollIntoViewIfNeeded();
    await form.locator(".hours legend").evaluate((el) => el.scrollIntoView());
  },
  articles: async (s, page) => go(page, "#/settings/articles", ".table tbody tr"),
  rules: async (s, page) => go(page, "#/settings/rules", ".limit"),
  audit: async (s, page) => go(page, "#/settings/audit", ".table tbody tr"),
  people: async (s, page) => go(page, "#/settings/people", ".table tbody tr"),
  you: async (s, page) => go(page, "#/settings/you", ".card"),
  canned: async (s, page) => go(page, "#/settings/canned", ".card"),
};
const german = { list: states.list, wall: states.wall, routes: states.routes, ...setting };
Object.assign(states, setting);

export const scenarios = {};
for (const [shape, window] of [["german", wide], ["german-phone", phone]]) {
  for (const [state, play] of Object.entries(german)) {
    scenarios[`${state}-${shape}`] = {
      noise,
      window,
      play: async (s) => {
        await seed(s);
        s.as = `${state}-${shape}`;
        const page = await desk.enter(s, "admin", { alone: true });
        await page.evaluate(() => localStorage.setItem("desk.language", "de"));
        await page.reload();
        await page.locator(".rows:not([aria-busy]), .empty").first().waitFor();
        await play(s, page);
        await s.picture(page, `${state}-${shape}`);
      },
    };
  }
}
for (const [shape, window] of Object.entries(shapes)) {
  for (const [state, play] of Object.entries(states)) {
    scenarios[`${state}-${shape}`] = {
      noise,
      window,
      play: async (s) => {
        await seed(s);
        s.as = `${state}-${shape}`;
        const page = await desk.enter(s, "admin", { alone: true });
        await play(s, page);
        await s.picture(page, `${state}-${shape}`);
      },
    };
  }
}

// Signing in where people of several shops do. Last: the field stays.
let second = false;
for (const [shape, window] of Object.entries({ desk: wide, "desk-dark": shapes["desk-dark"], "phone-dark": shapes["phone-dark"], phone, german: wide })) {
  scenarios[`door-${shape}`] = {
    noise,
    window,
    play: async (s) => {
      if (!second) {
        second = true;
        await s.order("run", { args: ["site", "add", "second"] });
        await s.order("run", { args: ["agent", "first", "tom@second.example", "--site", "second", "--name", "Tom"] });
      }
      const page = await s.open("/desk/second", { locale: shape === "german" ? "de-AT" : "en-GB" });
      await page.getByLabel(/^Shop/).waitFor();
      await s.picture(page, `door-${shape}`);
    },
  };
}
