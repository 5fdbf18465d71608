// A customer's visit to the real service: see TestReal.

import assert from "node:assert/strict";

import { chat, PHONE } from "./stage.mjs";

const noise = /Failed to load resource|net::ERR/;
// A question that is answered with and without the embedder: a browser and two
// busy cores can make it late, and that is not what is played here.
const QUESTION = "When do my Steam points expire?";

// answered asks it, and presses the first choice where the service asks back:
// which of the two it does is the calibration's business.
async function answered(s, options = {}) {
  const page = await s.open("/", options);
  await chat.open(page);
  await chat.ask(page, QUESTION);
  await chat.answers(page).locator(".source a, .choice").first().waitFor();
  const choice = chat.answers(page).locator(".choice").first();
  if ((await choice.count()) > 0) await choice.click();
  await chat.answers(page).locator(".source a").first().waitFor();
  return page;
}

const said = async (page) => [await chat.own(page).count(), await chat.answers(page).count()];

const flat = (s) => s.replace(/\s+/g, "");

export const scenarios = {
  "a question gets a cited answer, which opens in place at the quoted words": {
    play: async (s) => {
      const page = await answered(s);
      await s.axe(page, "answer");
      const link = chat.answers(page).last().locator(".source a").first();
      await link.click();
      await page.locator(".passage mark").first().waitFor();
      const marked = flat((await page.locator(".passage mark").allTextContents()).join(""));
      const quoted = flat(await chat.answers(page).last().locator(".prose").evaluate((e) => e.textContent));
      assert.ok(quoted.length > 20);
      assert.equal(marked, quoted, "all that was quoted is marked, and nothing else");
      await s.axe(page, "passage");
      await page.getByRole("link", { name: "Open the page" }).click();
      await page.getByRole("heading", { level: 1 }).waitFor();
    },
  },

  "a person is one press away, with a reference, and stays so over a reload": {
    play: async (s) => {
      const page = await answered(s);
      const [own, answers] = await said(page);
      await chat.talk(page).click();
      await page.getByText("You are in line for a person").waitFor();
      const reference = await page.locator(".reference").innerText();
      assert.match(reference, /^[0-9A-Z]{4}-[0-9A-Z]{4}$/);
      await s.axe(page, "in line");
      await chat.ask(page, "My order is KW-1234567");
      await page.locator(".working").waitFor({ state: "hidden" });
      await page.reload();
      await page.locator(".reference").getByText(reference).waitFor();
      await chat.own(page).nth(own).waitFor();
      assert.equal(await chat.answers(page).count(), answers, "the bot is silent after the handover");
    },
  },

  "feedback is noted, and a reload keeps it all": {
    play: async (s) => {
      const page = await answered(s);
      const before = await said(page);
      const noted = page.waitForResponse(/\/feedback$/);
      await chat.answers(page).last().getByRole("button", { name: "That helped" }).click();
      assert.ok((await noted).ok());
      await page.reload();
      await chat.answers(page).last().locator(".source a").first().waitFor();
      assert.deepEqual(await said(page), before);
    },
  },

  "what the knowledge does not hold is not made up": {
    play: async (s) => {
      const page = await s.open();
      await chat.open(page);
      await chat.ask(page, "Who won the chess world championship in 1972?");
      await chat.answer(page).getByRole("button", { name: "Talk to a person" }).waitFor();
      assert.equal(await chat.answer(page).locator(".source").count(), 0);
    },
  },

  "however the network is cut, each message is said and answered once": {
    noise,
    play: async (s) => {
      const page = await answered(s);
      const [own, answers] = await said(page);
      const questions = ["Is express delivery possible to Northern Ireland?", "Do you deliver to Ireland?", "My K2 flashes red three times", "How do I pair the Gram scale?"];
      for (const [n, q] of questions.entries()) {
        const taken = page.waitForResponse(/\/messages$/).catch(() => {});
        await chat.ask(page, q);
        if (n % 2 === 1) await taken; // else the cut comes while the message is on its way
        await s.order("cut");
        await page.waitForFunction((want) => document.querySelectorAll(".lines > .bot").length >= want, answers + n + 1);
      }
      await page.locator(".working").waitFor({ state: "hidden" });
      assert.deepEqual(await said(page), [own + 4, answers + 4]);
      await page.reload();
      await chat.answer(page, answers + 3).waitFor();
      assert.deepEqual(await said(page), [own + 4, answers + 4], "and the service has it so");
    },
  },

  "a service that is killed and comes back loses nothing": {
    noise,
    play: async (s) => {
      const page = await answered(s);
      const [own, answers] = await said(page);
      await s.order("refuse");
      await s.order("cut");
      await chat.ask(page, "How do I pair the Gram scale?");
      await page.getByText("No connection.").waitFor();
      await s.order("kill");
      await s.order("pass");
      await page.getByRole("button", { name: "Try now" }).click();
      await chat.answer(page, answers).waitFor();
      assert.equal(await chat.own(page).count(), own + 1);
    },
  },

  "messages sent in one breath share what there is to say": {
    play: async (s) => {
      const page = await s.open();
      await chat.open(page);
      await chat.ask(page, "Hello");
      await chat.ask(page, "I bought a kettle last week");
      await chat.ask(page, QUESTION);
      await chat.answers(page).last().waitFor();
      await page.locator(".working").waitFor({ state: "hidden" });
      assert.equal(await chat.own(page).count(), 3);
      const order = await chat.own(page).locator(".bubble").allInnerTexts();
      assert.equal(order[2], QUESTION);
    },
  },

  "the help pages list, search and show, on a phone too": {
    noise: /status of 404/,
    window: { viewport: PHONE, isMobile: true, hasTouch: true },
    play: async (s) => {
      const page = await s.open("/help");
      await page.getByRole("heading", { name: "Refunds" }).waitFor();
      await s.axe(page, "help");
      await page.getByLabel("Search the help pages").fill("send a machine back");
      await page.getByRole("button", { name: "Search" }).click();
      await page.locator(".hits a").first().click();
      await page.locator(".prose mark").first().waitFor();
      await s.axe(page, "article");
      const secret = await page.request.get(s.base + "/help/refund-override");
      assert.equal(secret.status(), 404, "what is for agents is not there");
    },
  },
};
