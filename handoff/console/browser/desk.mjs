// What happens between a customer and the desk, each in a window of their own.

import { chat, PHONE } from "../../../widget/browser/stage.mjs";
import { assert, customer, desk, logins, noise } from "./people.mjs";

export const scenarios = {
  "a customer is helped: asked, handed over, answered, transferred, closed, back with the assistant": {
    noise,
    play: async (s) => {
      const buyer = await s.open("/");
      await chat.open(buyer);
      await chat.ask(buyer, "My K2 flashes red three times, order KW-1234567");
      await chat.answers(buyer).first().waitFor();
      await buyer.locator(".working").waitFor({ state: "hidden" });
      await chat.ask(buyer, "I already descaled it twice, that did not help");
      await buyer.locator(".working").waitFor({ state: "hidden" });

      const agent = await desk.enter(s);
      await s.axe(agent, "an empty list");
      await chat.talk(buyer).click();
      const reference = await buyer.locator(".reference").innerText();

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
      await buyer.getByText("Mara has your conversation").first().waitFor();
      await desk.reply(agent, "Hello, this is Mara. I see three red flashes after descaling twice.");
      await buyer.getByText("I see three red flashes").first().waitFor();

      await chat.ask(buyer, "Yes, exactly");
      await agent.locator(".said-customer", { hasText: "Yes, exactly" }).waitFor();
      await s.axe(agent, "a claimed case");

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
      await buyer.getByText("we send you a new base today").first().waitFor();

      await desk.press(lead, "x");
      await s.axe(lead, "close");
      await lead.getByRole("dialog").getByLabel(/^What was done/).fill("Sent a new base for the K2");
      await lead.keyboard.press("Control+Enter");
      await lead.getByRole("button", { name: /^Undo/ }).waitFor();
      await lead.evaluate(() => (location.hash = "#/closed/all"));
      await desk.row(lead, reference).waitFor({ timeout: 20_000 });
      await buyer.getByText("Sent a new base for the K2").first().waitFor();

      const before = await chat.answers(buyer).count();
      await chat.ask(buyer, "When do my Steam points expire?");
      await buyer.locator(".working").waitFor({ state: "hidden" });
      await buyer.waitForFunction((n) => document.querySelectorAll(".lines > .bot").length > n, before);

      const log = await (await lead.request.get(`${s.base}/desk/api/v1/cases?reference=${reference}`)).json();
      assert.equal(log.cases[0].state, "closed");
      assert.equal(log.cases[0].ended, "solved");
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
      await Promise.all([
        a.getByRole("toolbar").getByRole("button", { name: /^Claim/ }).click(),
        b.getByRole("toolbar").getByRole("button", { name: /^Claim/ }).click(),
      ]);
      await Promise.race([a.locator(".case-sub", { hasText: "yours" }).waitFor(), b.locator(".case-sub", { hasText: "yours" }).waitFor()]);
      await Promise.race([a.locator(".case-sub", { hasText: "Robin has it" }).waitFor(), b.locator(".case-sub", { hasText: "Mara has it" }).waitFor()]);
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
      await desk.press(agent, "r");
      await agent.keyboard.type("No, we are in Leeds.");
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

