// Every screen, in every shape it comes in, for people to look at.

import { chat, DESK, PHONE } from "./stage.mjs";

const shapes = {
  desk: { viewport: DESK },
  "desk-dark": { viewport: DESK, colorScheme: "dark" },
  "desk-rtl": { viewport: DESK, rtl: true },
  phone: { viewport: PHONE, hasTouch: true, isMobile: true, deviceScaleFactor: 2 },
  "phone-dark": { viewport: PHONE, hasTouch: true, isMobile: true, deviceScaleFactor: 2, colorScheme: "dark" },
  "phone-rtl": { viewport: PHONE, hasTouch: true, isMobile: true, deviceScaleFactor: 2, rtl: true },
};

const states = {
  shop: async (s, page) => {
    await s.picture(page, s.as);
    await s.picture(page, s.as + "-whole", { fullPage: true });
  },
  welcome: async (s, page) => {
    const app = await chat.open(page);
    await s.picture(page, s.as);
    await app.locator(".welcome .choice").first().click();
    await s.picture(page, s.as + "-topic");
  },
  answer: async (s, page) => {
    const app = await chat.open(page);
    await chat.ask(app, "How do I pack the return and where do I hand it in?");
    await chat.answer(app).getByRole("link").first().waitFor();
    await s.picture(page, s.as);
    await chat.answer(app).locator(".feedback button").nth(1).click();
    await s.picture(page, s.as + "-rated");
    await chat.answer(app).locator(".source a").click();
    await app.locator(".passage [data-quoted]").waitFor();
    await s.picture(page, s.as + "-passage");
  },
  unknown: async (s, page) => {
    const app = await chat.open(page);
    await chat.ask(app, "qwertzuiop");
    await chat.answer(app).waitFor();
    await chat.ask(app, "WHICH return refund delivery");
    await app.locator(".choices .choice").nth(5).waitFor();
    await s.picture(page, s.as);
  },
  queue: async (s, page) => {
    const app = await chat.open(page);
    await chat.ask(app, "How long do I have to return something?");
    await chat.answer(app).getByRole("link").first().waitFor();
    await app.locator(".talk").click();
    await app.locator(".case .facts").waitFor();
    await s.picture(page, s.as);
    await s.order("person", { text: "Good morning, this is Mara. I see you want to send your grinder back.\n\nShall I make the label for you?" });
    await app.locator(".case").getByText("Mara").waitFor();
    await chat.ask(app, "Yes please");
    await app.getByText("Yes please").waitFor();
    await s.picture(page, s.as + "-person");
  },
  trouble: async (s, page) => {
    const app = await chat.open(page);
    await chat.ask(app, "How do I make a gift return?");
    await chat.answer(app).getByRole("link").first().waitFor();
    await page.route("**/v1/**", (r) => r.abort());
    await s.order("cut");
    await chat.ask(app, "And how long does the refund take?");
    await app.locator(".link .button").waitFor();
    await s.picture(page, s.as);
  },
  away: async (s, page) => {
    await s.order("away");
    const whole = page.url().includes("/chat/");
    if (whole) await page.reload();
    else await chat.launcher(page).click();
    const inside = whole ? page : page.frameLocator("#frontdesk-widget iframe");
    await inside.getByRole("heading").waitFor();
    await s.picture(page, s.as);
    await s.order("back");
  },
  preview: async (s, page) => {
    await page.goto(s.base + "/widget/preview?site=shop");
    await chat.launcher(page).waitFor();
    await s.picture(page, s.as, { fullPage: true });
    await chat.open(page);
    await s.picture(page, s.as + "-open");
  },
  working: async (s, page) => {
    await s.order("hold");
    const app = await chat.open(page);
    await chat.ask(app, "How do I make a gift return?");
    await app.locator(".working:visible").waitFor();
    await s.picture(page, s.as);
    await s.order("hold", { times: 0 });
  },
  help: async (s, page) => {
    await page.goto(s.base + "/help");
    await s.picture(page, s.as);
    await page.goto(s.base + "/help?q=return");
    await s.picture(page, s.as + "-search");
    await page.goto(s.base + "/help/returns-policy");
    await s.picture(page, s.as + "-article");
    await page.goto(s.base + "/help/returns-policy-2025");
    await s.picture(page, s.as + "-superseded");
    await page.goto(s.base + "/help/ar/returns");
    await s.picture(page, s.as + "-arabic");
  },
};

export const scenarios = {};
for (const [shape, { rtl, ...window }] of Object.entries(shapes)) {
  for (const [state, play] of Object.entries(states)) {
    const name = `${state}-${shape}`;
    scenarios[name] = {
      window,
      noise: /Failed to load resource/,
      play: async (s) => {
        const page = await s.open(rtl ? "/chat/shop?lang=ar" : "/");
        s.as = name;
        await play(s, page);
      },
    };
  }
}
