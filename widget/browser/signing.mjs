// Who the customer is: signing in, out, and as somebody else, and what becomes of
// their words then.

import assert from "node:assert/strict";

import { chat, poll } from "./stage.mjs";
import { answered, waiting } from "./window.mjs";

const noise = /Failed to load resource|net::ERR/;
const QUESTION = "How do I make a gift return?";

const token = (sub) => ["e30", Buffer.from(JSON.stringify({ sub })).toString("base64url"), "x"].join(".");
const identify = (page, sub) => page.evaluate((t) => window.Frontdesk("identify", t), sub === null ? null : token(sub));

export const scenarios = {
  "another person who signs in does not see what the one before wrote": {
    noise,
    play: async (s) => {
      const page = await s.open();
      await chat.launcher(page).waitFor();
      await identify(page, "ada");
      const began = page.waitForRequest((r) => r.method() === "POST" && r.url().endsWith("/v1/conversations"));
      const app = await chat.open(page);
      assert.equal((await began).postDataJSON().identity, token("ada"));
      await app.getByText("What can we help with?").waitFor();
      await chat.ask(app, QUESTION);
      await chat.answer(app).waitFor();
      await identify(page, "ada");
      assert.equal(await chat.lines(app).count(), 2, "the same person goes on");
      await identify(page, null);
      await app.getByText("What can we help with?").waitFor();
      assert.equal(await chat.lines(app).count(), 0);
      await app.getByRole("button", { name: "More", exact: true }).click();
      await app.getByRole("button", { name: "Earlier conversations" }).click();
      await app.getByText("There are no earlier conversations here.").waitFor();
    },
  },

  "who signs out, or as somebody else, leaves no words behind, sent or not, in any tab": {
    noise,
    play: async (s) => {
      const page = await s.open();
      await chat.launcher(page).waitFor();
      await identify(page, "ada");
      const app = await chat.open(page);
      await chat.ask(app, QUESTION);
      await chat.answer(app).waitFor();
      const other = await s.tab(page.context(), "/");
      await identify(other, "ada");
      const there = await chat.open(other);
      await chat.answer(there).waitFor();
      const gone = await s.tab(page.context(), "/");
      const last = await chat.open(gone);
      await gone.route("**/messages", (r) => r.abort());
      await chat.ask(last, "About my order 4711");
      await last.locator(".unsent").waitFor();
      await gone.close(); // and what it had not sent waits for the next tab
      for (const a of [app, there]) await chat.field(a).fill("My order 4711 is");
      const began = page.waitForRequest((r) => r.method() === "POST" && r.url().endsWith("/v1/conversations"));
      await identify(page, "ben");
      for (const a of [app, there]) {
        await a.getByText("What can we help with?").waitFor();
        assert.equal(await chat.lines(a).count(), 0);
        await poll(async () => assert.equal(await chat.field(a).inputValue(), "", "what was being written is gone"));
      }
      assert.deepEqual(await app.evaluate(() => [localStorage, sessionStorage].flatMap((k) => Object.values(k)).filter((v) => /4711|gift/.test(v))), [], "nor is it kept");
      const request = await began;
      assert.equal(request.postDataJSON().identity, token("ben"));
      assert.equal(request.headers().authorization, undefined, "with nothing of the customer before");
      await chat.ask(app, QUESTION);
      await chat.answer(app).waitFor();
      await chat.field(app).fill("And mine is");
      await identify(page, null);
      await app.getByText("What can we help with?").waitFor();
      assert.equal(await chat.field(app).inputValue(), "");
    },
  },

  "who signs in and asks for a person need not say again what they said before": {
    noise,
    play: async (s) => {
      const [page, app] = await answered(s);
      const before = await s.order("nothing");
      await identify(page, "ada");
      const told = page.waitForRequest(/\/human$/);
      await chat.talk(app).click();
      assert.deepEqual((await told).postDataJSON(), { text: QUESTION });
      await app.getByText("You are in line for a person").waitFor();
      assert.equal(await chat.own(app).count(), 1, "and sees it still");
      assert.equal((await s.order("nothing")).conversations, before.conversations + 1);
    },
  },

  "who signs in while a person has the conversation goes on in it as themselves, in every tab": {
    noise,
    play: async (s) => {
      const [page, app] = await waiting(s);
      const other = await s.tab(page.context(), "/chat/shop");
      await other.getByText("K7QM-4T2P").last().waitFor();
      await s.order("person", { text: "Hello, Mara here. Which order is it?" });
      await app.getByText("Mara has your conversation").waitFor();
      const before = await s.order("lose_claim"); // its answer is lost: it is told again, and is true once
      const told = page.waitForRequest(/\/identity$/);
      await identify(page, "ada");
      assert.deepEqual((await told).postDataJSON(), { identity: token("ada") });
      await app.locator(".line.system").getByText("You are signed in now.").waitFor();
      await other.locator(".line.system").getByText("You are signed in now.").waitFor();
      await chat.ask(app, "The blue one");
      await app.waitForFunction(() => document.querySelectorAll(".lines > .own:not(.unsent)").length === 2);
      await chat.ask(other, "From last week");
      await app.getByText("From last week").waitFor();
      await other.waitForFunction(() => document.querySelectorAll(".lines > .own:not(.unsent)").length === 3);
      await s.order("person", { text: "Thank you, I see it." });
      await app.locator(".line.agent").getByText("Thank you, I see it.").waitFor();
      assert.equal(await app.getByText("can no longer be continued").count(), 0);
      const after = await s.order("nothing");
      assert.deepEqual([after.claims, after.conversations], [1, before.conversations], "told once, and no other conversation begun");
      await identify(page, null);
      await app.getByText("What can we help with?").waitFor();
      assert.equal(await chat.lines(app).count(), 0, "signed out, nothing of it is shown");
    },
  },

  "an identity that ran out is brought anew, and one of another customer begins a conversation of their own": {
    noise,
    play: async (s) => {
      const [page, app] = await waiting(s);
      const before = await s.order("late_identity");
      await page.evaluate((t) => window.Frontdesk("on", "identity", () => window.Frontdesk("identify", t)), token("ada"));
      await identify(page, "ada");
      await app.locator(".line.system").getByText("You are signed in now.").waitFor();
      assert.equal((await s.order("nothing")).claims, 1);
      await chat.fresh(app);
      await chat.talk(app).click();
      await app.getByText("You are in line for a person").waitFor();
      await app.evaluate(() => localStorage.removeItem("frontdesk:shop:who"));
      await s.order("other_customer");
      await identify(page, "ada");
      await app.getByText("What can we help with?").waitFor();
      await chat.ask(app, QUESTION);
      await chat.answer(app).locator(".source a").waitFor();
      assert.equal((await s.order("nothing")).conversations, before.conversations + 2);
    },
  },

  "what somebody wrote long ago is not claimed by who signs in": {
    play: async (s) => {
      const [page, app] = await waiting(s);
      await app.evaluate(() => localStorage.setItem("frontdesk:shop:said", String(Date.now() - 31 * 60_000)));
      await identify(page, "ada");
      await chat.ask(app, "Is anybody there?"); // who they are would go before it
      await app.waitForFunction(() => document.querySelectorAll(".lines > .own:not(.unsent)").length === 2);
      assert.equal((await s.order("nothing")).claims, 0);
      assert.ok(await app.getByText("K7QM-4T2P").first().isVisible(), "and nobody is left waiting");
    },
  },
};
