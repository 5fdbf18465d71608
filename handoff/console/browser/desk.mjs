// What happens between a customer and the desk, each in a window of their own.

import { chat, PHONE } from "../../../widget/browser/stage.mjs";
import { assert, customer, desk, logins, noise } from "./people.mjs";

export const scenarios = {
  "a customer is helped: wrong answer, person, packet, suggestion, transfer, close, rating, back with the assistant": {
    noise,
    limit: 240_000, // it is asked how it was half a minute after the close
    play: async (s) => {
      const buyer = await s.open("/");
      const app = await chat.open(buyer);
      const settled = () => app.locator(".working").waitFor({ state: "hidden" });
      await chat.ask(app, "My K2 flashes red three times, order KW-1234567");
      await chat.answers(app).first().waitFor();
      await settled();
      await chat.ask(app, "I already descaled it twice, that did not help");
      await settled();
      const wrong = app.getByRole("button", { name: "Not quite" });
      if ((await wrong.count()) > 0) await wrong.last().click();

      const agent = await desk.enter(s);
      await s.axe(agent, "an empty list");
      await chat.talk(app).click();
      const reference = await app.locator(".reference").innerText();

      // It appears by itself, with the problem in the customer's words.
      await desk.open(agent, reference);
      await s.axe(agent, "a waiting case");
      const story = agent.locator(".side");
      await story.getByText("KW-1234567").first().waitFor();
      assert.match(await story.locator(".problem").innerText(), /K2|red|descaled/);
      await story.getByRole("button", { name: /KW-1234567/ }).first().click();
      await agent.locator(".item-shown", { hasText: "KW-1234567" }).waitFor();

      await desk.press(agent, "c");
      await agent.locator(".case-sub", { hasText: "yours" }).waitFor();
      await app.getByText("Mara has your conversation").first().waitFor();
      await desk.reply(agent, "Hello, this is Mara. I see three red flashes after descaling twice.");
      await app.getByText("I see three red flashes").first().waitFor();

      await chat.ask(app, "Yes, exactly");
      await agent.locator(".said-customer", { hasText: "Yes, exactly" }).waitFor();
      await agent.locator(".read").waitFor(); // the customer has seen what Mara wrote
      await chat.own(app).last().locator(".state", { hasText: "Read" }).waitFor(); // and Mara this
      await s.axe(agent, "a claimed case");

      // A passage of the knowledge: what goes out and from where is seen before it goes.
      await desk.press(agent, "b");
      await agent.getByRole("searchbox", { name: "Search the knowledge" }).or(agent.getByLabel("Search the knowledge")).first().fill("K2 kettle red light");
      const quote = agent.getByRole("button", { name: "Quote this" }).first();
      await quote.waitFor();
      await quote.click();
      await agent.locator(".sources .source-chip").waitFor();
      const title = await agent.locator(".sources .source-chip").innerText();
      await s.axe(agent, "a reply with its source");
      await agent.keyboard.press("Control+Enter");
      await app.locator(".line.agent .source", { hasText: title }).waitFor();
      const later = await s.tab(buyer.context(), "/chat/shop"); // as after a reload
      await later.locator(".line.agent .source", { hasText: title }).waitFor();
      await later.close();

      await desk.press(agent, "n");
      await agent.getByLabel("Internal note").fill("Base looks faulty. Needs somebody who knows the K2.");
      await agent.keyboard.press("Control+Enter");
      await agent.locator(".note", { hasText: "Base looks faulty" }).waitFor();

      await desk.press(agent, "t");
      const dialog = agent.getByRole("dialog");
      await s.axe(agent, "transfer");
      await dialog.getByLabel("Support", { exact: false }).first().check();
      await dialog.getByLabel(/^Reason/).fill("Knows the base of the K2");
      await dialog.getByRole("button", { name: "Transfer" }).click();
      await agent.getByText("Transferred to Support").waitFor();

      // Somebody else goes on, and knows all of it.
      const lead = await desk.enter(s, "admin");
      await desk.open(lead, reference);
      await lead.locator(".note", { hasText: "Base looks faulty" }).waitFor();
      await desk.press(lead, "c");
      await lead.locator(".case-sub", { hasText: "yours" }).waitFor();
      await desk.reply(lead, "Robin from support: we send you a new base today.");
      await app.getByText("we send you a new base today").first().waitFor();

      await desk.press(lead, "x");
      await s.axe(lead, "close");
      await lead.getByRole("dialog").getByLabel(/^What was done/).fill("Sent a new base for the K2");
      await lead.keyboard.press("Control+Enter");
      await lead.getByRole("button", { name: /^Undo/ }).waitFor();
      await app.getByText("Sent a new base for the K2").first().waitFor({ timeout: 20_000 });
      await lead.evaluate(() => (location.hash = "#/closed/all"));
      await desk.row(lead, reference).waitFor({ timeout: 20_000 });

      // The assistant knows the memo, in their words, and the old reason is done with.
      await chat.ask(app, "What happened with my K2?");
      const told = app.locator(".line.system", { hasText: "Robin wrote on" });
      await told.getByText("Sent a new base for the K2").waitFor();
      await told.getByText(reference).waitFor();
      const before = await chat.answers(app).count();
      await chat.ask(app, "When do my Steam points expire?");
      await settled();
      await app.waitForFunction((n) => document.querySelectorAll(".lines > .bot").length > n, before);

      // How was it: asked half a minute after the close, one press each.
      const asks = app.locator(".line.system").filter({ has: app.getByRole("group", { name: "How was it?" }) });
      await asks.waitFor({ timeout: 60_000 });
      await asks.getByRole("button", { name: /Very happy/ }).click();
      await asks.getByRole("button", { name: /Very easy/ }).click();
      await asks.getByRole("button", { name: /Very easy/ }).and(app.locator("[aria-pressed=true]")).waitFor();
      await s.axe(buyer, "rated");

      const found = await (await lead.request.get(`${s.base}/desk/api/v1/cases?reference=${reference}`)).json();
      assert.equal(found.cases[0].state, "closed");
      assert.equal(found.cases[0].ended, "solved");
      // And a person is there at once, with the same case.
      await chat.talk(app).click();
      await app.locator(".reference").getByText(reference).waitFor();
    },
  },

  "what a visitor writes stays words": {
    // The last attempt is refused by the page's policy, which says so.
    noise: new RegExp(noise.source + "|TrustedHTML"),
    play: async (s) => {
      const evil = [
        '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>',
        "javascript:window.pwned=1 https://example.org/?<svg onload=window.pwned=1>",
        '"><iframe srcdoc="<script>parent.pwned=1</script>"></iframe> {{constructor.constructor("window.pwned=1")()}}',
      ];
      const c = await customer(s, evil, { page: 'javascript:window.pwned=1//"><img src=x onerror=window.pwned=1>' });
      const agent = await desk.enter(s);
      await desk.open(agent, c.reference);
      await agent.locator(".said-customer", { hasText: "<img src=x" }).waitFor();
      await agent.getByRole("tab", { name: "Customer" }).click();
      await agent.locator(".customer-name").waitFor();
      await agent.evaluate(() => (location.hash = "#/wall"));
      await agent.locator(".wall-table").waitFor();
      assert.equal(await agent.evaluate(() => window.pwned), undefined);
      assert.equal(await agent.locator(".thread img, .thread script, .thread iframe, .side img, .row img").count(), 0);
      for (const href of await agent.locator("a").evaluateAll((all) => all.map((a) => a.href))) assert.match(href, /^https?:/);
      // The page itself lets no markup be made of strings, whoever tries.
      const made = await agent.evaluate(() => {
        try {
          document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='window.pwned=1'>");
          return "made";
        } catch (err) {
          return err.name;
        }
      });
      assert.equal(made, "TypeError");
    },
  },

  "two agents press claim at once: one has it, the other is told who": {
    noise: new RegExp(noise.source + "|status of 409"),
    play: async (s) => {
      const c = await customer(s, ["Where is my parcel? KW-7654321"]);
      const [a, b] = [await desk.enter(s, "agent"), await desk.enter(s, "admin")];
      await desk.open(a, c.reference);
      await desk.open(b, c.reference);
      await a.getByText("Robin is looking").waitFor();
      // The buttons are held on to first: the quicker press takes the other's away.
      const buttons = await Promise.all([a, b].map((p) => p.getByRole("toolbar").getByRole("button", { name: /^Claim/ }).elementHandle()));
      await Promise.all(buttons.map((button) => button.evaluate((el) => el.click())));
      await Promise.race([a.locator(".case-sub", { hasText: "yours" }).waitFor(), b.locator(".case-sub", { hasText: "yours" }).waitFor()]);
      await Promise.race([a.locator(".case-sub", { hasText: "Robin has it" }).waitFor(), b.locator(".case-sub", { hasText: "Mara has it" }).waitFor()]);
    },
  },

  "a list that could not be had comes by itself": {
    noise: new RegExp(noise.source + "|status of 503"),
    play: async (s) => {
      const c = await customer(s, ["Where is my parcel? KW-7654322"]);
      const agent = await desk.enter(s);
      await desk.row(agent, c.reference).waitFor();
      let away = true;
      await agent.route("**/desk/api/v1/cases?view=*", (r) => (away ? r.fulfill({ status: 503, contentType: "application/problem+json", body: '{"title":"away","code":"database_unavailable","detail":"Away for a moment."}' }) : r.continue()));
      await agent.reload();
      await agent.getByRole("alert").getByText("Away for a moment.").waitFor();
      away = false;
      await desk.row(agent, c.reference).waitFor();
    },
  },

  "what was begun to write is there after a reload, and on another machine": {
    noise,
    play: async (s) => {
      const c = await customer(s, ["Can I change the address of order KW-5550001?"]);
      const agent = await desk.enter(s);
      await desk.open(agent, c.reference);
      const kept = agent.waitForResponse((r) => r.url().endsWith("/draft") && r.request().method() === "PUT");
      await agent.getByLabel(/^Reply to/).fill("Of course. Which address");
      await kept;
      await agent.reload();
      await agent.getByLabel(/^Reply to/).waitFor();
      assert.equal(await agent.getByLabel(/^Reply to/).inputValue(), "Of course. Which address");
      const other = await desk.enter(s);
      await desk.open(other, c.reference);
      await other.waitForFunction(() => document.querySelector(".composer textarea")?.value === "Of course. Which address");
    },
  },

  "a suggestion is taken with one key, its source goes along, and one that is turned down stays away": {
    noise,
    play: async (s) => {
      const c = await customer(s, ["How do I descale the K2 kettle?"]);
      const agent = await desk.enter(s);
      await desk.open(agent, c.reference);
      await desk.press(agent, "c");
      await agent.locator(".case-sub", { hasText: "yours" }).waitFor();
      await agent.locator(".composer .suggest").waitFor();
      await s.axe(agent, "a suggestion");
      await desk.press(agent, "s");
      const field = agent.getByLabel(/^Reply to/);
      const suggested = await field.inputValue();
      assert.ok(suggested.length > 20);
      const title = await agent.locator(".sources .source-chip").innerText();
      await field.fill("Good morning. " + suggested);
      await agent.keyboard.press("Control+Enter");
      await agent.locator(".said-agent .from", { hasText: title }).waitFor();
      const sent = (await c.messages()).filter((m) => m.author === "agent");
      assert.equal(sent.length, 1);
      assert.equal(sent[0].citations[0].title, title);
      const cases = await (await agent.request.get(`${s.base}/desk/api/v1/cases?reference=${c.reference}`)).json();
      const path = `${s.base}/desk/api/v1/cases/${cases.cases[0].id}/log`;
      const log = (await (await agent.request.get(path)).json()).log;
      const reply = log.find((e) => e.kind === "replied");
      assert.ok(reply.body.edited > 0 && reply.body.edited < 0.5, "how far it moved: " + reply.body.edited);
      assert.equal(reply.body.article, sent[0].citations[0].article);

      const other = await customer(s, ["Can I return an opened bag of coffee?"]);
      await desk.open(agent, other.reference);
      await desk.press(agent, "c");
      await agent.locator(".case-sub", { hasText: "yours" }).waitFor();
      await agent.locator(".composer .suggest").getByRole("button", { name: "Not this one" }).click();
      await agent.locator(".composer .suggest").waitFor({ state: "detached" });
      await agent.locator(".happened", { hasText: "did not use the suggested reply" }).waitFor();
      await agent.reload();
      await agent.getByLabel(/^Reply to/).waitFor();
      await agent.locator(".happened", { hasText: "did not use the suggested reply" }).waitFor();
      assert.equal(await agent.locator(".composer .suggest").count(), 0);
    },
  },

  "a lead watches what is written, whispers, and takes over; the agent's words stay theirs": {
    noise: new RegExp(noise.source + "|status of 409"),
    play: async (s) => {
      const c = await customer(s, ["My parcel KW-8877665 has not come and nobody answers"]);
      const agent = await desk.enter(s, "agent");
      await desk.open(agent, c.reference);
      await desk.press(agent, "c");
      await agent.locator(".case-sub", { hasText: "yours" }).waitFor();
      const lead = await desk.enter(s, "admin");
      await lead.evaluate(() => (location.hash = "#/open/all"));
      await desk.open(lead, c.reference);
      await agent.getByText("Robin is looking").waitFor();

      await agent.getByLabel(/^Reply to/).pressSequentially("I am sorry. I will look into", { delay: 20 });
      await lead.locator(".beside-watch", { hasText: "I will look into" }).waitFor();
      await s.axe(lead, "watching");

      await desk.press(lead, "w");
      await lead.getByLabel("Whisper to Mara").fill("Offer her express delivery, it is on us.");
      await lead.keyboard.press("Control+Enter");
      const whisper = agent.locator(".beside-whispers", { hasText: "Offer her express delivery" });
      await whisper.waitFor();
      await s.axe(agent, "whispered to");
      assert.equal(await agent.locator(".thread", { hasText: "Offer her express delivery" }).count(), 0, "never in the conversation");
      assert.ok(!JSON.stringify(await c.messages()).includes("express"), "never to the customer");
      await desk.press(agent, "w");
      await agent.getByLabel("Whisper back to leads").fill("Will do.");
      await agent.keyboard.press("Control+Enter");
      await lead.locator(".beside-whispers", { hasText: "Will do." }).waitFor();
      await whisper.getByRole("button", { name: "Got it" }).click();
      await agent.locator(".beside-fresh").waitFor({ state: "detached" });

      // Taken over while a reply is under way: it is refused, and kept.
      await desk.press(agent, "r");
      await agent.getByLabel(/^Reply to/).fill("We send it again by express.");
      await agent.route("**/replies", async (route) => {
        await desk.press(lead, "c");
        await lead.getByRole("dialog").getByLabel("Why").fill("I know this customer");
        await lead.keyboard.press("Enter");
        await lead.locator(".case-sub", { hasText: "yours" }).waitFor();
        await route.continue();
      });
      await agent.keyboard.press("Control+Enter");
      await agent.getByText("Your reply was not sent and is kept as a draft").first().waitFor();
      await agent.locator(".beside-taken", { hasText: "I know this customer" }).waitFor();
      assert.equal(await agent.getByLabel(/^Reply to/).inputValue(), "We send it again by express.");
      assert.equal((await c.messages()).filter((m) => m.author === "agent").length, 0);
      await s.axe(agent, "taken over");
      await lead.getByRole("button", { name: /^Go on with Mara/ }).click();
      await lead.waitForFunction(() => document.querySelector(".composer textarea").value !== "");
      await desk.reply(lead, "Robin here: it goes out again today.");
      assert.equal((await c.messages()).filter((m) => m.author === "agent").length, 1);
    },
  },

  "a colleague who is named in a note finds it": {
    noise,
    play: async (s) => {
      const c = await customer(s, ["The lid of my grinder is cracked"]);
      const lead = await desk.enter(s, "admin");
      const agent = await desk.enter(s, "agent");
      await desk.open(agent, c.reference);
      await desk.press(agent, "n");
      await agent.getByLabel("Internal note").pressSequentially("Is this a recall? @Ro");
      await agent.locator(".pick-item", { hasText: "Robin" }).waitFor();
      await agent.keyboard.press("Enter");
      assert.equal(await agent.getByLabel("Internal note").inputValue(), "Is this a recall? @Robin ");
      await agent.keyboard.press("Control+Enter");
      await agent.locator(".note", { hasText: "Is this a recall" }).waitFor();
      await lead.locator(".notice", { hasText: "You were mentioned" }).getByRole("link", { name: "Show the note" }).click();
      await lead.locator(".item-shown .note", { hasText: "Is this a recall" }).waitFor();
    },
  },

  "closing can be undone, and is not done when the customer writes again": {
    noise,
    play: async (s) => {
      const c = await customer(s, ["My grinder is loud"]);
      const agent = await desk.enter(s);
      await desk.open(agent, c.reference);
      await desk.press(agent, "c");
      await agent.locator(".case-sub", { hasText: "yours" }).waitFor();
      await desk.reply(agent, "Does it rattle?");
      await desk.press(agent, "x");
      await agent.getByRole("dialog").getByRole("button", { name: /^Close case/ }).click();
      await desk.rest(agent);
      await agent.getByRole("button", { name: /^Undo/ }).waitFor();
      await agent.keyboard.press("u");
      await agent.locator(".case-head", { hasText: c.reference }).waitFor();
      await desk.press(agent, "x");
      await agent.getByRole("dialog").getByRole("button", { name: /^Close case/ }).click();
      await c.say("Yes, it rattles");
      await agent.getByText("The customer wrote again").waitFor({ timeout: 15_000 });
      const now = await (await agent.request.get(`${s.base}/desk/api/v1/cases?reference=${c.reference}`)).json();
      assert.equal(now.cases[0].state, "claimed");
    },
  },

  "a page that draws late misses nothing of what came before": {
    noise,
    play: async (s) => {
      const agent = await s.open("/help", { locale: "en-GB" });
      // Nothing runs after a drawing for as long as this page is held up.
      await agent.addInitScript(() => {
        window.requestAnimationFrame = () => 0;
        const later = window.setTimeout.bind(window);
        window.setTimeout = (f, ms = 0, ...rest) => later(f, ms < 1000 ? 3_600_000 : ms, ...rest);
      });
      await agent.goto(s.base + "/desk");
      await agent.getByLabel("E-mail address").waitFor();
    },
  },

  "everything by keyboard": {
    noise,
    play: async (s) => {
      const one = await customer(s, ["Do you have an office in Berlin?"]);
      await customer(s, ["How do I pair the Gram scale?"]);
      const agent = await desk.enter(s);
      await agent.locator(".row").nth(1).waitFor();
      await desk.press(agent, "j");
      await agent.locator(".row a[aria-current]").waitFor();
      const first = await agent.locator(".case-ref").innerText();
      await desk.press(agent, "j");
      await agent.waitForFunction((was) => document.querySelector(".case-ref")?.textContent !== was, first);
      await desk.press(agent, "k");
      await agent.waitForFunction((was) => document.querySelector(".case-ref")?.textContent === was, first);
      await desk.press(agent, "?");
      await agent.getByRole("dialog", { name: "Keyboard" }).waitFor();
      await s.axe(agent, "keys");
      await agent.keyboard.press("Escape");
      await desk.press(agent, "/");
      await agent.keyboard.type(one.reference.toLowerCase().replace("-", ""));
      await agent.keyboard.press("Enter");
      await agent.locator(".case-ref", { hasText: one.reference }).waitFor();
      await desk.press(agent, "c");
      await agent.locator(".case-sub", { hasText: "yours" }).waitFor();
      await desk.press(agent, "w"); // nobody has whispered: nothing to whisper to
      // What is typed after "r" is a reply from its first letter on, however busy
      // the page is: no letter of it is a shortcut.
      await agent.evaluate(() => {
        window.soon = window.requestAnimationFrame;
        window.requestAnimationFrame = (draw) => window.setTimeout(draw, 2000);
      });
      await desk.press(agent, "r");
      await agent.keyboard.type("No, we are in Leeds.");
      await agent.evaluate(() => (window.requestAnimationFrame = window.soon));
      await agent.keyboard.press("Control+Enter");
      await agent.locator(".said-agent", { hasText: "Leeds" }).first().waitFor();
      await desk.press(agent, "z");
      await agent.getByRole("dialog").getByRole("button", { name: /Tomorrow/ }).click();
      await agent.getByText("Snoozed.").waitFor();
      await agent.evaluate(() => (location.hash = "#/snoozed/all"));
      await desk.row(agent, one.reference).waitFor();
      await one.say("One more thing: do you ship to Austria?");
      await agent.evaluate(() => (location.hash = "#/mine/all"));
      await desk.row(agent, one.reference).waitFor();
      await agent.locator(".count-mine").waitFor();
      assert.match(await agent.title(), /^\(\d+\)/);
    },
  },

  "a list that is read anew stays meanwhile, and two quick keys move two rows": {
    noise,
    play: async (s) => {
      await customer(s, ["Is the K2 loud?"]);
      await customer(s, ["Is the Gram waterproof?"]);
      const agent = await desk.enter(s);
      await agent.locator(".row").nth(1).waitFor();
      let letGo, asked;
      const held = new Promise((r) => (letGo = r));
      const again = new Promise((r) => (asked = r));
      await agent.route("**/desk/api/v1/cases?*", async (route) => {
        asked();
        await held;
        await route.continue();
      });
      // The stream says that too much was missed.
      const missed = { headers: { "Content-Type": "text/event-stream" }, body: "event: reset\ndata: {}\n\n" };
      await agent.route("**/desk/api/v1/stream*", (route) => route.fulfill(missed), { times: 1 });
      await agent.evaluate(() => window.dispatchEvent(new Event("online")));
      await again;
      await agent.evaluate(() => {
        for (let n = 0; n < 2; n++) document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "j", bubbles: true }));
      });
      await agent.locator(".row").nth(1).locator("a[aria-current]").waitFor();
      const reference = await agent.locator(".case-ref").innerText();
      letGo();
      await agent.goBack();
      await agent.getByText("Choose a case").waitFor();
      await agent.goForward();
      await agent.locator(".case-ref", { hasText: reference }).waitFor();
    },
  },

  "a service that is killed comes back, and nothing is missed": {
    noise: new RegExp(noise.source + "|ERR_|status of 50\\d"),
    play: async (s) => {
      const c = await customer(s, ["Is the K2 dishwasher safe?"]);
      const agent = await desk.enter(s);
      await desk.open(agent, c.reference);
      await desk.press(agent, "c");
      await agent.locator(".case-sub", { hasText: "yours" }).waitFor();
      await s.order("kill");
      await c.say("Are you still there?");
      await agent.locator(".said-customer", { hasText: "Are you still there?" }).waitFor({ timeout: 30_000 });
      await desk.reply(agent, "I am. No, please wash it by hand.");
      assert.equal((await c.messages()).filter((m) => m.author === "agent").length, 1);
    },
  },

  "on a phone one pane follows the other": {
    noise,
    window: { viewport: PHONE, isMobile: true, hasTouch: true },
    play: async (s) => {
      const c = await customer(s, ["Can I return an opened grinder? Order KW-4443332"]);
      const agent = await desk.enter(s);
      await s.axe(agent, "list on a phone");
      await desk.open(agent, c.reference);
      await agent.locator(".list").waitFor({ state: "hidden" });
      await agent.locator(".packet-card > summary").click();
      await agent.locator(".packet-card-in").waitFor();
      await s.axe(agent, "case on a phone");
      await agent.locator(".packet-card > summary").click();
      await agent.getByRole("toolbar").getByRole("button", { name: "Claim" }).click();
      await agent.getByLabel(/^Reply to/).fill("Yes, within 30 days.");
      await agent.getByRole("button", { name: /^Send/ }).click();
      await agent.locator(".said-agent", { hasText: "within 30 days" }).first().waitFor();
      await agent.getByRole("button", { name: "Back to the list" }).click();
      await agent.locator(".list").waitFor();
      const width = await agent.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(width <= PHONE.width, "nothing is wider than the screen");
    },
  },

  "on a phone no page is wider than the screen, and a queue's hours are set": {
    noise,
    window: { viewport: PHONE, isMobile: true, hasTouch: true },
    play: async (s) => {
      const page = await desk.enter(s, "admin");
      const wide = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      const pages = { waiting: ".rows:not([aria-busy]), .empty", "settings/you": ".card", "settings/canned": ".card", "settings/queues": ".table tbody tr", "settings/routes": ".table tbody tr", "settings/people": ".table tbody tr", "settings/articles": ".table tbody tr", "settings/rules": ".limit", "settings/audit": ".table tbody tr", wall: ".wall-table tbody tr" };
      // Nor is one moved sideways to be read, but for a table within it; what is done with a line of one is in sight.
      const moved = () => page.evaluate(() => [...document.querySelectorAll(".page")].some((el) => el.scrollWidth > el.clientWidth));
      const hidden = () => page.evaluate(() => [...document.querySelectorAll(".table tbody button")].some((b) => b.getBoundingClientRect().right > innerWidth));
      const over = [];
      for (const [place, ready] of Object.entries(pages)) {
        await page.evaluate((hash) => (location.hash = "#/" + hash), place);
        await page.locator(ready).first().waitFor();
        if ((await wide()) > 0 || (await page.evaluate(() => innerWidth)) !== PHONE.width) over.push(place);
        if (await moved()) over.push(place + ": moved sideways");
        if (await hidden()) over.push(place + ": a button out of sight");
      }
      assert.deepEqual(over, []);
      await page.evaluate(() => (location.hash = "#/settings/queues"));
      await page.locator(".table tbody tr button").nth(2).click();
      const form = page.getByRole("dialog");
      await form.getByText("Own hours").click();
      await form.locator(".hours-day").nth(6).waitFor();
      assert.equal(await wide(), 0);
      await form.getByRole("button", { name: "Cancel" }).click();
    },
  },

  "the end of a conversation stays in sight when a suggestion takes its room": {
    noise,
    play: async (s) => {
      const c = await customer(s, ["Hello, my K2 flashes red three times, order KW-1234567", "I already descaled it twice, that did not help"]);
      const page = await desk.enter(s);
      await desk.open(page, c.reference);
      await desk.press(page, "c");
      await page.locator(".case-sub", { hasText: "yours" }).waitFor();
      await desk.reply(page, "Hello, this is Mara. I have read everything; you will not have to repeat it.");
      const atEnd = () => page.waitForFunction(() => {
        const el = document.querySelector(".thread");
        return el.scrollHeight - el.scrollTop - el.clientHeight < 4;
      });
      for (const words of ["Second red K2 this week.", "The third, in fact."]) {
        await page.locator(".composer-tab", { hasText: "Note" }).click();
        await page.getByRole("textbox", { name: "Internal note" }).fill(words);
        await page.keyboard.press("Control+Enter");
        await page.locator(".note", { hasText: words }).waitFor();
        await page.locator(".composer-tab", { hasText: "Reply" }).click();
        await page.locator(".suggest").waitFor();
        await atEnd();
      }
      // Who reads what was said before is left there.
      await page.locator(".thread").hover();
      await page.mouse.wheel(0, -300);
      await page.waitForFunction(() => { const el = document.querySelector(".thread"); return el.scrollHeight - el.scrollTop - el.clientHeight > 100; });
      await c.say("And one more thing");
      await page.locator(".said-customer", { hasText: "And one more thing" }).waitFor();
      await page.locator(".thread-fresh").waitFor();
    },
  },

  "a page asks little of what every page asks": {
    noise,
    play: async (s) => {
      const page = await desk.enter(s);
      const asked = { queues: 0, agents: 0 };
      page.on("request", (r) => {
        const what = new URL(r.url()).pathname.split("/").pop();
        if (what in asked) asked[what]++;
      });
      // Cases come: the queues are counted again, the people are who they were; that
      // this page came may be news yet.
      let c;
      for (let i = 0; i < 6; i++) {
        const counted = page.waitForResponse((r) => r.url().endsWith("/desk/api/v1/queues"));
        c = await customer(s, ["Where is my parcel KW-555000" + i + "?"]);
        await counted;
      }
      assert.ok(asked.queues >= 6 && asked.agents <= 2, JSON.stringify(asked));
      // Somebody comes: who is there is read.
      const people = page.waitForResponse((r) => r.url().endsWith("/desk/api/v1/agents"));
      const lead = await desk.enter(s, "admin");
      await lead.evaluate(() => fetch("/desk/api/v1/presence", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ status: "break" }) }));
      await people;
      // And when somebody is to be chosen.
      await desk.open(page, c.reference);
      const chosen = page.waitForResponse((r) => r.url().endsWith("/desk/api/v1/agents"));
      await desk.press(page, "t");
      await chosen;
      await lead.evaluate(() => fetch("/desk/api/v1/presence", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ status: "online" }) }));
    },
  },

  "settings, wall and the second language": {
    noise,
    play: async (s) => {
      const admin = await desk.enter(s, "admin");
      for (const page of ["wall", "settings/you", "settings/canned", "settings/queues", "settings/routes", "settings/people"]) {
        await admin.evaluate((to) => (location.hash = "#/" + to), page);
        await admin.locator(".page-head").waitFor();
        await admin.locator(".wall-table, .card-wide, .card .line-item").first().waitFor();
        await s.axe(admin, page);
      }
      await admin.evaluate(() => (location.hash = "#/settings/canned"));
      await admin.getByRole("button", { name: "New canned reply" }).click();
      await admin.getByLabel("Title").fill("Thanks");
      await admin.getByLabel("Short name").fill("thanks");
      await admin.getByRole("dialog").getByLabel("Text", { exact: false }).first().fill("Thank you, {customer}. Kind regards, {agent}");
      await admin.getByRole("button", { name: "Save" }).click();
      await admin.getByText("/thanks").waitFor();

      const c = await customer(s, ["Thank you for the quick help last week"]);
      await admin.evaluate(() => (location.hash = "#/waiting/all"));
      await desk.open(admin, c.reference);
      await admin.getByLabel(/^Reply to/).fill("/than");
      await admin.locator(".pick-item", { hasText: "Thanks" }).waitFor();
      await admin.keyboard.press("Enter");
      assert.match(await admin.getByLabel(/^Reply to/).inputValue(), /Kind regards, Robin$/);

      const german = await s.open("/desk", { locale: "de-DE", timezoneId: "Europe/Berlin" });
      await german.getByLabel("E-Mail-Adresse").fill(logins.agent.email);
      await german.getByLabel("Passwort").fill(logins.agent.password);
      await german.getByRole("button", { name: "Anmelden" }).click();
      await german.getByRole("heading", { name: "Wartend" }).waitFor();
      assert.equal(await german.evaluate(() => document.documentElement.lang), "de");
    },
  },

  "a session that ends elsewhere ends here": {
    noise,
    play: async (s) => {
      const agent = await desk.enter(s, "agent");
      const again = await desk.enter(s, "agent");
      const out = await agent.request.delete(s.base + "/desk/api/v1/sessions", { headers: { Origin: s.base } });
      assert.ok(out.ok());
      await again.evaluate(() => (location.hash = "#/closed/all"));
      await again.getByLabel("Password").waitFor();
      const forged = await fetch(s.base + "/desk/api/v1/presence", { method: "POST", headers: { "Content-Type": "application/json", Origin: "https://evil.example" }, body: "{}" });
      assert.equal(forged.status, 403);
    },
  },
};

