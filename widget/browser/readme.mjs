// What widget/README.md leads to: see TestReal.

import assert from "node:assert/strict";

import { chat, poll } from "./stage.mjs";

const { LISTED } = process.env;
const QUESTION = "How long until my refund arrives?";
const STRANGE = "Is a parcel that was opened taken back, too?";
const noise = /Failed to load resource|net::ERR|Failed to fetch/;

const begins = (page) => page.waitForResponse((r) => r.url().endsWith("/v1/conversations") && r.request().method() === "POST");

const signed = async () => (await fetch(LISTED + "/frontdesk-identity", { method: "POST" })).text();

// shop opens the shop's page with what its own server says of who is signed in.
async function shop(s, identity) {
  const page = await s.open("/help");
  await page.route("**/frontdesk-identity", identity);
  await page.goto(LISTED);
  return page;
}

// stopped is once nobody waits any more: the next scenario's customer is the same.
async function stopped(app) {
  await poll(async () => {
    const stop = app.getByRole("button", { name: "Stop waiting" });
    if (await stop.isVisible()) await stop.click({ timeout: 1_000 }).catch(() => {}); // it goes with the first press
    assert.ok(await chat.talk(app).isVisible());
  });
}

// known opens the chat of a signed-in customer; the page may say who they are a moment later.
async function known(page) {
  const began = begins(page);
  const app = await chat.open(page);
  assert.equal((await (await began).json()).verified, true);
  return app;
}

async function earlier(app) {
  await app.getByRole("button", { name: "More", exact: true }).click();
  await app.getByRole("button", { name: "Earlier conversations" }).click();
}

export const scenarios = {
  "the README leads from nothing to a themed widget with a signed identity": {
    play: async (s) => {
      const app = await known(await s.open(LISTED));
      await app.locator(".welcome .choice").getByText("Returns").waitFor(); // articles without a topic are offered themselves
      const first = await app.locator(".welcome").innerText();
      assert.ok(!/topic|People are here/.test(first), "nothing is said that is not so: " + first);
      await chat.ask(app, QUESTION);
      await chat.answers(app).first().waitFor();
      assert.equal(await app.locator("h1").innerText(), "Ask The Kettle Shop");
      const accent = await app.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue("--accent").trim());
      assert.equal(accent, "#7a1f5c");
    },
  },

  "who signs in in the middle of a conversation is known from the next message on, and sees what was said": {
    noise,
    play: async (s) => {
      const page = await shop(s, (route) => route.abort());
      let app = await chat.open(page);
      const stranger = begins(page);
      await chat.ask(app, STRANGE);
      assert.equal((await (await stranger).json()).verified, false);
      await chat.answers(app).first().waitFor();
      await page.unroute("**/frontdesk-identity");
      const told = page.waitForResponse(/frontdesk-identity/);
      await page.reload();
      await (await told).finished();
      app = await chat.again(page);
      await chat.own(app).getByText(STRANGE).waitFor();
      await chat.answers(app).first().waitFor();
      const again = begins(page);
      await chat.ask(app, "And how do I send it back?");
      assert.equal((await (await again).json()).verified, true);
      await poll(async () => assert.equal(await chat.answers(app).count(), 2));
      assert.equal(await chat.own(app).count(), 2, "what was said before is still there");
      await chat.fresh(app);
      await earlier(app);
      const listed = app.locator(".earlier .choice");
      await listed.getByText("And how do I send it back?").waitFor();
      assert.equal(await listed.getByText(STRANGE).count(), 0, "what a stranger wrote cannot be gone back to");
      await listed.getByText("And how do I send it back?").click();
      await chat.answers(app).first().waitFor();
      await chat.talk(app).click();
      await app.getByText("You are in line for a person").waitFor();
      await stopped(app);
    },
  },

  "what somebody unknown wrote an hour ago is not for who signs in now, unless a person is awaited": {
    noise,
    play: async (s) => {
      for (const waits of [false, true]) {
        const page = await shop(s, (route) => route.abort());
        let app = await chat.open(page);
        await chat.ask(app, QUESTION);
        await chat.answers(app).first().waitFor();
        await chat.own(app).first().waitFor();
        if (waits) await chat.talk(app).click();
        if (waits) await app.getByText("You are in line for a person").waitFor();
        await page.goto("about:blank");
        await page.unroute("**/frontdesk-identity");
        await page.addInitScript(() => {
          const kept = self === top && localStorage["frontdesk:kettles:app"];
          if (kept) localStorage["frontdesk:kettles:app"] = JSON.stringify({ ...JSON.parse(kept), said: Date.now() - 3_600_000 });
        });
        await page.goto(LISTED);
        app = await chat.again(page);
        await app.getByText(waits ? "You are in line for a person" : "What can we help with?").waitFor();
        await poll(async () => assert.equal(await chat.own(app).count(), waits ? 1 : 0));
        if (waits) await stopped(app);
      }
    },
  },

  "who signs in while they wait for a person is known from then on, here and on another device": {
    noise,
    play: async (s) => {
      const page = await shop(s, (route) => route.abort());
      const app = await chat.open(page);
      await chat.ask(app, QUESTION);
      await chat.answers(app).first().waitFor();
      await chat.talk(app).click();
      await app.getByText("You are in line for a person").waitFor();
      const told = page.waitForResponse(/\/identity$/);
      await page.evaluate((t) => window.Frontdesk("identify", t), await signed());
      assert.equal((await (await told).json()).verified, true);
      await app.locator(".line.system").getByText("You are signed in now.").waitFor();
      await chat.ask(app, "It is the blue one.");
      await app.waitForFunction(() => document.querySelectorAll(".lines > .own:not(.unsent)").length === 2);
      const second = await known(await s.open(LISTED));
      await second.getByText("It is the blue one.").waitFor();
      await stopped(second);
    },
  },

  "what a signed-in customer wrote is on their other devices, and a person whom they wait for at once": {
    play: async (s) => {
      const app = await known(await s.open(LISTED));
      await chat.ask(app, "Is there anything about refunds here?");
      await chat.answers(app).first().waitFor();
      const second = await known(await s.open(LISTED));
      await earlier(second);
      await second.getByRole("button", { name: "Is there anything about refunds here?" }).click();
      await chat.answers(second).first().waitFor();
      if (await chat.talk(app).isVisible()) await chat.talk(app).click();
      await app.getByText("You are in line for a person").waitFor();
      await second.getByText("You are in line for a person").waitFor();
      const third = await known(await s.open(LISTED));
      await third.getByText("You are in line for a person").waitFor();
      await stopped(third);
    },
  },

  "an identity that cannot be used any more is brought anew, and the customer is known": {
    noise,
    play: async (s) => {
      const used = await signed();
      const body = JSON.stringify({ site: "kettles", identity: used });
      const headers = { "Content-Type": "application/json" };
      assert.equal((await fetch(s.base + "/v1/conversations", { method: "POST", headers, body })).status, 201);
      let calls = 0;
      const page = await shop(s, (route) => (calls++ === 0 ? route.fulfill({ body: used }) : route.continue()));
      const said = [];
      page.on("response", async (r) => {
        if (r.url().endsWith("/v1/conversations") && r.request().method() === "POST") said.push(r.status() === 201 ? (await r.json()).verified : r.status());
      });
      const app = await chat.open(page);
      await poll(async () => assert.deepEqual(said, [401, true]));
      await chat.ask(app, QUESTION);
      await chat.answers(app).first().waitFor();
      assert.deepEqual(said, [401, true]);
      assert.equal(calls, 2, "the page was asked for another one");
    },
  },

  "an identity that is wrong each time keeps nobody from being answered, in one conversation": {
    noise,
    play: async (s) => {
      const wrong = (await signed()).slice(0, -4) + "AAAA";
      const page = await shop(s, (route) => route.fulfill({ body: wrong }));
      const said = [];
      page.on("response", (r) => r.url().endsWith("/v1/conversations") && r.request().method() === "POST" && said.push(r.status()));
      const app = await chat.open(page);
      await poll(async () => assert.deepEqual(said, [401, 401, 201]));
      for (const [n, text] of [QUESTION, "And the parcel?", "And the card?"].entries()) {
        await chat.ask(app, text);
        await chat.answer(app, n).waitFor();
      }
      assert.deepEqual(said, [401, 401, 201]);
      assert.equal(await chat.own(app).count(), 3);
    },
  },

  "who signs out takes everything along, and the next one finds nothing": {
    play: async (s) => {
      const page = await s.open(LISTED);
      const app = await known(page);
      await chat.ask(app, QUESTION);
      await chat.answers(app).first().waitFor();
      await page.evaluate(() => window.Frontdesk("identify", null));
      await app.locator(".welcome:visible").waitFor();
      await earlier(app);
      await app.getByText("There are no earlier conversations here.").waitFor();
    },
  },
};
