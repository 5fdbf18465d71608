// What may go wrong between a browser and the service: nothing written may be
// lost, nothing said twice, and the customer is told in words.

import assert from "node:assert/strict";

import { chat } from "./stage.mjs";

const noise = /Failed to load resource|net::ERR/;

async function asked(s, question = "How do I make a gift return?") {
  const page = await s.open();
  const app = await chat.open(page);
  await chat.ask(app, question);
  return [page, app];
}

const once = async (app, own, answers) => {
  await app.locator(".working").waitFor({ state: "hidden" });
  assert.equal(await chat.own(app).count(), own);
  assert.equal(await chat.answers(app).count(), answers);
  assert.equal(await app.locator(".unsent").count(), 0);
};

// It may be back by itself before anybody has pressed.
const tryNow = (app) => app.getByRole("button", { name: "Try now" }).click({ timeout: 3000 }).catch(() => {});

export const scenarios = {
  "a reply whose stream breaks arrives whole, once": {
    noise,
    play: async (s) => {
      const before = await s.order("cut_reply");
      const [page, app] = await asked(s);
      await chat.answer(app).locator(".source a").waitFor();
      await once(app, 1, 1);
      assert.equal((await s.order("cut")).posts, before.posts + 1);
      await chat.ask(app, "And how long does the refund take?");
      await chat.answer(app, 1).waitFor();
      await once(app, 2, 2);
    },
  },

  "every stream breaks in mid-turn and the conversation goes on": {
    noise,
    play: async (s) => {
      await s.order("hold");
      const [page, app] = await asked(s);
      await app.getByText("Looking in the help pages").waitFor();
      await s.order("cut");
      await s.order("cut");
      await s.order("hold", { times: 0 });
      await chat.answer(app).locator(".source a").waitFor();
      await once(app, 1, 1);
    },
  },

  "where the conversation's own stream is late, a question still stands before its answer": {
    noise,
    play: async (s) => {
      const page = await s.open();
      const app = await chat.open(page);
      const late = [];
      await page.route("**/events", (r) => late.push(r)); // a proxy that sits on it, say
      for (const [n, q] of ["How do I make a gift return?", "And how long does the refund take?"].entries()) {
        await chat.ask(app, q);
        await chat.answer(app, n).waitFor();
        await app.locator(".working").waitFor({ state: "hidden" });
      }
      const order = await chat.lines(app).evaluateAll((l) => l.map((e) => e.classList.contains("own")));
      assert.deepEqual(order, [true, false, true, false]);
      await page.unroute("**/events");
      await Promise.all(late.map((r) => r.continue().catch(() => {}))); // those that the end of the route has not let go itself
      await once(app, 2, 2);
      const again = await chat.lines(app).evaluateAll((l) => l.map((e) => e.classList.contains("own")));
      assert.deepEqual(again, [true, false, true, false]);
    },
  },

  "a message whose receipt was lost is said once": {
    noise,
    play: async (s) => {
      const before = await s.order("lose_receipt");
      const [page, app] = await asked(s);
      await chat.answer(app).locator(".source a").waitFor();
      await once(app, 1, 1);
      assert.equal((await s.order("cut")).posts, before.posts + 1);
    },
  },

  "a choice pressed without a network waits like any message, over a reload, and is pressed once": {
    noise,
    play: async (s) => {
      let [page, app] = await asked(s, "WHICH return refund");
      const choice = chat.answer(app).locator(".choice").first();
      await choice.waitFor();
      const before = await s.order("listen");
      await page.route("**/v1/**", (r) => r.abort("internetdisconnected"));
      await s.order("cut");
      await app.getByText("No connection.").waitFor();
      await choice.click();
      await choice.click();
      await app.getByText("Kept here, not sent yet").waitFor();
      assert.equal(await chat.own(app).count(), 2);
      await page.reload();
      app = await chat.again(page);
      await app.getByText("Kept here, not sent yet").waitFor();
      const sent = page.waitForRequest((r) => r.method() === "POST" && r.url().endsWith("/messages") && r.postData().includes("choice"));
      await page.unroute("**/v1/**");
      await tryNow(app);
      const body = (await sent).postDataJSON();
      assert.deepEqual(Object.keys(body.choice).sort(), ["article", "message"]);
      await chat.answer(app, 1).waitFor();
      await once(app, 2, 2);
      assert.equal((await s.order("nothing")).posts, before.posts + 1);
    },
  },

  "a choice that the service knows no more is sent as words": {
    noise,
    play: async (s) => {
      const [page, app] = await asked(s, "WHICH return refund");
      await s.order("forget_choices");
      await chat.answer(app).locator(".choice").first().click();
      await chat.answer(app, 1).waitFor();
      await once(app, 2, 2);
    },
  },

  "without a network words are kept, over a reload, and sent once in their order": {
    noise,
    play: async (s) => {
      let [page, app] = await asked(s);
      await chat.answer(app).waitFor();
      const before = await s.order("listen");
      await page.route("**/v1/**", (r) => r.abort("internetdisconnected"));
      await s.order("cut");
      await app.getByText("No connection.").waitFor();
      await chat.ask(app, "First: how long does the refund take?");
      await chat.ask(app, "Second: and do you deliver to Ireland?");
      await app.getByText("Kept here, not sent yet").nth(1).waitFor();
      await s.axe(page, "offline");
      await page.reload();
      app = await chat.again(page);
      await app.getByText("Kept here, not sent yet").nth(1).waitFor();
      await page.unroute("**/v1/**");
      await tryNow(app);
      await chat.answer(app, 2).waitFor();
      await once(app, 3, 3);
      const words = await chat.own(app).locator(".bubble").allInnerTexts();
      assert.ok(words[1].startsWith("First") && words[2].startsWith("Second"), words.join(" | "));
      assert.equal((await s.order("nothing")).posts, before.posts + 2);
    },
  },

  "what others said while the network was away arrives, all of it": {
    noise,
    play: async (s) => {
      const [page, app] = await asked(s);
      await chat.answer(app).waitFor();
      await s.order("listen"); // a stream that opens after the cut would go on
      await page.route("**/v1/**", (r) => r.abort("internetdisconnected"));
      await s.order("cut");
      await app.getByText("No connection.").waitFor();
      await s.order("person", { text: "Hello, Mara here." });
      await page.unroute("**/v1/**");
      await tryNow(app);
      await app.getByText("Mara has your conversation").waitFor();
      await app.locator(".line.agent").getByText("Hello, Mara here.").waitFor();
      assert.equal(await app.locator(".line.agent").count(), 1);
      assert.equal(await chat.answers(app).count(), 1);
    },
  },

  "the wish for a person waits for the network too": {
    noise,
    play: async (s) => {
      const page = await s.open();
      await page.route("**/v1/**", (r) => r.abort("internetdisconnected"));
      let app = await chat.open(page);
      await chat.talk(app).click();
      await app.getByText("Asking for a person").waitFor();
      await app.getByText("No connection.").waitFor();
      await page.reload();
      app = await chat.again(page);
      await app.getByText("Asking for a person").waitFor();
      await page.unroute("**/v1/**");
      await app.evaluate(() => dispatchEvent(new Event("online")));
      await app.locator(".case").getByText("K7QM-4T2P").waitFor();
    },
  },

  "a service that asks for patience gets it, and the message once": {
    noise,
    play: async (s) => {
      const before = await s.order("refuse");
      await s.order("busy", { times: 2 });
      const [page, app] = await asked(s);
      await app.getByText("The service cannot answer just now").waitFor();
      await chat.answer(app).locator(".source a").waitFor();
      await app.getByText("The service cannot answer just now").waitFor({ state: "hidden" });
      await once(app, 1, 1);
      assert.equal((await s.order("nothing")).posts, before.posts + 1);
    },
  },

  "a token that ran out is renewed without a word": {
    noise,
    play: async (s) => {
      const [page, app] = await asked(s);
      await chat.answer(app).waitFor();
      const before = await s.order("expire");
      await chat.ask(app, "And how long does the refund take?");
      await chat.answer(app, 1).waitFor();
      await once(app, 2, 2);
      assert.equal((await s.order("nothing")).renewals, before.renewals + 1, "one renewal for all who needed it");
    },
  },

  "a conversation that is gone stays on screen, and a new one begins": {
    noise,
    play: async (s) => {
      const [page, app] = await asked(s);
      await chat.answer(app).waitFor();
      await s.order("forget");
      await app.getByText("The conversation above can no longer be continued").waitFor();
      await chat.ask(app, "And how long does the refund take?");
      await chat.answer(app, 1).waitFor();
      await once(app, 2, 2);
    },
  },

  "files of a conversation that has just ended are kept, with a word; words that came with them go on": {
    noise,
    play: async (s) => {
      let [page, app] = await asked(s);
      await chat.answer(app).waitFor();
      await app.evaluate(() => {
        const file = (name) => ({ id: name, name, type: "text/plain", size: 12, url: "/v1/conversations/c/files/" + name });
        const one = (id, text, name) => ({ id, text, files: [file(name)], state: "waiting" });
        localStorage.setItem("frontdesk:shop:outbox:gone", JSON.stringify([one("a", "", "log.txt"), one("b", "And how long does the refund take?", "bill.txt")]));
      });
      await s.order("forget");
      await page.reload();
      app = await chat.again(page);
      await chat.answers(app).last().getByText("refund").first().waitFor();
      const kept = chat.own(app).filter({ hasText: "The conversation that these files went to has ended. Please attach them again." });
      await kept.nth(1).waitFor();
      assert.match(await kept.nth(0).innerText(), /log\.txt/);
      assert.match(await kept.nth(1).innerText(), /bill\.txt/);
      await s.axe(page, "files that stayed behind");
      await kept.nth(0).getByRole("button", { name: "All right" }).click();
      await kept.nth(0).getByRole("button", { name: "All right" }).click();
      await kept.first().waitFor({ state: "detached" });
      assert.equal(await app.locator(".unsent").count(), 0);
    },
  },

  "a message that is not taken says why and can be edited": {
    noise,
    play: async (s) => {
      const [page, app] = await asked(s, "REFUSE this one");
      await app.getByText("A message can be 8,000 characters long.").waitFor();
      await s.axe(page, "not taken");
      await app.getByRole("button", { name: "Edit it" }).click();
      assert.equal(await chat.field(app).inputValue(), "REFUSE this one");
      assert.equal(await chat.lines(app).count(), 0);
      await chat.field(app).fill("How do I make a gift return?");
      await page.keyboard.press("Enter");
      await chat.answer(app).locator(".source a").waitFor();
    },
  },

  "a page that cannot be opened still shows what was quoted": {
    noise,
    play: async (s) => {
      const [page, app] = await asked(s);
      await page.route("**/help/**", (r) => r.abort("internetdisconnected"));
      await chat.answer(app).locator(".source a").click();
      await app.getByText("The page cannot be opened just now").waitFor();
      await app.locator(".passage blockquote").getByText("With the number and the delivery postcode").waitFor();
    },
  },

  "blocked storage costs nothing but the reload": {
    play: async (s) => {
      const page = await s.open();
      await page.addInitScript(() => {
        for (const name of ["localStorage", "sessionStorage"]) {
          Object.defineProperty(window, name, {
            get() {
              throw new DOMException("denied", "SecurityError");
            },
          });
        }
      });
      await page.reload();
      const app = await chat.open(page);
      await chat.ask(app, "How do I make a gift return?");
      await chat.answer(app).locator(".source a").waitFor();
      await once(app, 1, 1);
    },
  },

  "storage that is full loses nothing either": {
    play: async (s) => {
      const page = await s.open();
      const app = await chat.open(page);
      await app.evaluate(() => {
        Storage.prototype.setItem = () => {
          throw new DOMException("full", "QuotaExceededError");
        };
      });
      await chat.ask(app, "How do I make a gift return?");
      await chat.answer(app).locator(".source a").waitFor();
      await chat.ask(app, "And how long does the refund take?");
      await chat.answer(app, 1).waitFor();
      await once(app, 2, 2);
    },
  },
};
