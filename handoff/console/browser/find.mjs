// Finding and setting: search, saved views, business hours, limits, articles,
// the audit log.

import { assert, customer, desk, logins, noise } from "./people.mjs";

const box = (page) => page.locator("#search");
const refused = new RegExp(noise.source + "|status of 400");

async function settings(page, tab) {
  await page.evaluate((t) => (location.hash = "#/settings/" + t), tab);
  await page.locator(".settings-in .card").first().waitFor();
}

export const scenarios = {
  "the list comes also where the stream told of a case before it was asked for": {
    noise,
    play: async (s) => {
      const agent = await desk.enter(s, "admin");
      let c;
      await agent.route(
        "**/desk/api/v1/views?*",
        async (route) => {
          const heard = agent.waitForResponse((r) => r.url().includes("/desk/api/v1/queues"));
          c = await customer(s, ["My kettle leaks, order KW-3334445"]);
          await heard; // the desk asks for the queues anew when it was told
          await route.continue();
        },
        { times: 1 },
      );
      await agent.reload();
      await agent.locator(".row[data-ref]").first().waitFor();
      await desk.open(agent, c.reference);
    },
  },

  "a case is found by what was said in it, and opens where it was said": {
    noise: refused,
    play: async (s) => {
      const kettle = await customer(s, ["My zebrafinch kettle <b>hums</b> at night, order KW-7001234", "And the Zebrafinch lid is loose"]);
      await customer(s, ["Meine Mühle klemmt, Rückgabe bitte"], { language: "de" });
      const agent = await desk.enter(s, "admin");

      await desk.press(agent, "/");
      assert.equal(await agent.evaluate(() => document.activeElement.id), "search");
      await agent.keyboard.type("zebraf");
      await agent.getByRole("button", { name: "Search everything" }).waitFor();
      await agent.keyboard.press("Enter");
      const found = desk.row(agent, kettle.reference);
      // What was said a moment ago is found half a second later.
      await found.or(agent.locator(".empty-title", { hasText: "Nothing found" })).first().waitFor();
      while ((await found.count()) === 0) {
        await agent.evaluate(() => window.dispatchEvent(new HashChangeEvent("hashchange")));
        await agent.reload();
        await agent.locator(".rows:not([aria-busy]), .empty").first().waitFor();
      }
      await found.locator("mark", { hasText: /zebrafinch/i }).first().waitFor();
      assert.equal(await found.locator("b").count(), 0);
      await s.axe(agent, "what was found");

      await found.click();
      await agent.locator(".item-shown", { hasText: /zebrafinch/i }).waitFor();

      // Filters: from the dialog, as chips, and in the words themselves.
      await agent.getByRole("button", { name: "Filters" }).click();
      const dialog = agent.getByRole("dialog");
      await s.axe(agent, "filters");
      await dialog.getByLabel(/^Is/).selectOption("waiting");
      await dialog.getByLabel("Queue").selectOption({ label: "Sales" });
      await dialog.getByRole("button", { name: "Search" }).click();
      await agent.locator(".empty-title", { hasText: "Nothing found" }).waitFor();
      assert.equal(await box(agent).inputValue(), "zebraf queue:sales is:waiting");
      await agent.locator(".chip", { hasText: "Sales" }).click();
      await found.waitFor();
      assert.equal(await box(agent).inputValue(), "zebraf is:waiting");

      // Accents, beginnings and capitals make no difference; quotes do.
      for (const [words, fits] of [["RUCKGA", 1], ['"muhle klemmt"', 1], ['"klemmt muhle"', 0], ["kw-7001", 1]]) {
        await box(agent).fill(words);
        await box(agent).press("Enter");
        await agent.waitForFunction((n) => document.querySelectorAll(".row[data-id]").length === n && document.querySelector(".row-ghost") === null, fits);
      }

      await box(agent).fill("is:asleep");
      await box(agent).press("Enter");
      await agent.getByRole("alert").getByText("is: has to be one of").waitFor();
      await s.axe(agent, "a search that is not understood");
    },
  },

  "what the assistant handled alone is found, told apart from a case, and only read": {
    noise: new RegExp(refused.source + "|status of 404"), // who may not read it is told so
    play: async (s) => {
      const alone = await customer(s, ["Does the wombat <b>kettle</b> need descaling?"], { person: false });
      const taken = await customer(s, ["My wombat grinder is stuck"]);
      const page = await desk.enter(s, "admin");
      const search = async (q, rows) => {
        for (;;) { // what was said a moment ago is found soon after
          await box(page).fill(q);
          await box(page).press("Enter");
          await page.evaluate(() => window.dispatchEvent(new HashChangeEvent("hashchange")));
          await page.locator(".row[data-id], .empty").first().waitFor();
          if ((await page.locator(".row[data-id]").count()) === rows) return;
          await page.reload();
          await page.locator(".rows:not([aria-busy]), .empty").first().waitFor();
        }
      };
      await search("wombat", 2);
      const row = page.locator(".row-alone");
      assert.equal(await row.count(), 1);
      await row.getByText("Assistant alone").waitFor();
      assert.ok((await row.locator("mark").count()) > 0);
      assert.equal(await row.locator("b").count(), 0);
      await s.axe(page, "both kinds in the list");

      // One or the other, by the words and by the dialog; kept under a name.
      await search("wombat is:case", 1);
      await desk.row(page, taken.reference).waitFor();
      await page.getByRole("button", { name: "Filters" }).click();
      await page.getByRole("dialog").getByLabel(/^Is/).selectOption("assistant");
      await page.getByRole("dialog").getByRole("button", { name: "Search" }).click();
      await row.waitFor();
      assert.equal(await box(page).inputValue(), "wombat is:assistant");
      await page.getByRole("button", { name: "Save as view" }).click();
      await page.getByRole("dialog").getByLabel("Name").fill("Wombats without us");
      await page.keyboard.press("Enter");
      await page.locator(".rail-saved", { hasText: "Wombats" }).locator(".count", { hasText: "1" }).waitFor();
      await page.request.delete(`${s.base}/desk/api/v1/views/${page.url().split("/").pop()}`, { headers: { Origin: s.base } });

      // Opened at the words, to be read and nothing else; no key does anything to it.
      await row.locator("a").click();
      await page.locator(".item-shown", { hasText: "wombat" }).waitFor();
      await page.getByText("It can be read, not answered.").waitFor();
      for (const key of ["c", "r", "n", "w", "t", "e", "x", "z", "m"]) await desk.press(page, key);
      assert.equal(await page.locator(".composer, [role=dialog], .case-acts .button-main").count(), 0);
      assert.equal(await page.locator(".case b").count(), 0);
      await s.axe(page, "a conversation without a case");
      const address = `${s.base}/desk#/conversation/${alone.conversation}`;
      await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      await page.getByRole("button", { name: "Copy the link" }).click();
      await page.getByText("Copied").waitFor();
      assert.equal(await page.evaluate(() => navigator.clipboard.readText()), address);
      await desk.press(page, "Escape");
      await page.locator(".case-none").waitFor();

      // Who looked is in the audit log, once; from there it opens again.
      await settings(page, "audit");
      await page.getByRole("combobox", { name: /^What/ }).selectOption("conversation_seen");
      await page.waitForFunction(() => document.querySelectorAll(".table tbody tr").length === 1);
      await page.getByRole("link", { name: "conversation" }).click();
      await page.getByText("It can be read, not answered.").waitFor();

      // Who works in some queues neither finds nor opens it.
      const people = (await (await page.request.get(`${s.base}/desk/api/v1/people`)).json()).people;
      const mara = people.find((p) => p.role === "agent");
      const headers = { Origin: s.base, "Content-Type": "application/json" };
      const only = (queues) => page.request.patch(`${s.base}/desk/api/v1/people/${mara.id}`, { headers, data: { name: mara.name, role: mara.role, queues, disabled: false } });
      assert.ok((await only(["service", "support"])).ok());
      try {
        const agent = await desk.enter(s);
        for (const path of [`/conversations/${alone.conversation}`, `/conversations/${alone.conversation}/messages`]) assert.equal((await agent.request.get(`${s.base}/desk/api/v1${path}`)).status(), 404);
        assert.ok(!(await (await agent.request.get(`${s.base}/desk/api/v1/search?q=wombat`)).text()).includes(alone.conversation));
        await agent.goto(address);
        await agent.reload();
        await agent.locator(".case-none [role=alert]").waitFor();
      } finally {
        await only(mara.queues);
      }

      // What a person has by now opens as the case it is.
      await alone.human();
      await page.goto(address);
      await page.reload();
      await page.locator(".composer").waitFor();
      assert.match(page.url(), /#\/.+\/[0-9a-f-]{36}$/);
    },
  },

  "an agent of one queue finds nothing of another's": {
    noise: refused,
    play: async (s) => {
      const c = await customer(s, ["The quokka invoice is wrong"]);
      const lead = await desk.enter(s, "admin");
      const people = (await (await lead.request.get(`${s.base}/desk/api/v1/people`)).json()).people;
      const mara = people.find((p) => p.role === "agent");
      const headers = { Origin: s.base, "Content-Type": "application/json" };
      const only = (queues) => lead.request.patch(`${s.base}/desk/api/v1/people/${mara.id}`, { headers, data: { name: mara.name, role: mara.role, queues, disabled: false } });
      assert.ok((await only(["sales"])).ok());
      try {
        const agent = await desk.enter(s);
        const ask = async (page, q) => (await page.request.get(`${s.base}/desk/api/v1/search?q=${encodeURIComponent(q)}`)).text();
        while (!(await ask(lead, "quokka")).includes(c.reference));
        for (const q of ["quokka", "is:open", `ref:${c.reference}`, "queue:service", "after:2020-01-01"]) assert.ok(!(await ask(agent, q)).includes(c.reference), q);
      } finally {
        await only(mara.queues);
      }
    },
  },

  "a search is kept under a name, counted, moved, removed and had back": {
    noise,
    play: async (s) => {
      await customer(s, ["The okapi grinder squeaks"]);
      const lead = await desk.enter(s, "admin");
      const search = async (q) => {
        await box(lead).fill(q);
        await box(lead).press("Enter");
        await lead.getByRole("button", { name: "Save as view" }).waitFor();
      };
      const keep = async (q, name) => {
        await search(q);
        await lead.getByRole("button", { name: "Save as view" }).click();
        await lead.getByRole("dialog").getByLabel("Name").fill(name);
        await lead.keyboard.press("Enter");
        await lead.locator(".list h1", { hasText: name }).waitFor();
      };
      await keep("okapi", "Okapi matters");
      await keep("is:closed has:note", "Closed with a note");
      await s.axe(lead, "a saved view");
      const names = () => lead.locator(".rail-saved .rail-name").allInnerTexts();
      assert.deepEqual(await names(), ["Okapi matters", "Closed with a note"]);
      const okapi = lead.locator(".rail-saved", { hasText: "Okapi" });
      await okapi.locator(".count", { hasText: "1" }).waitFor();

      // One more, and the number goes with it.
      await customer(s, ["Another okapi matter"]);
      await okapi.locator(".count", { hasText: "2" }).waitFor({ timeout: 20_000 });
      await okapi.locator("a").click();
      await lead.locator(".row[data-id]").nth(1).waitFor();

      await lead.locator(".rail-saved a").last().focus();
      await lead.keyboard.press("Alt+ArrowUp");
      assert.deepEqual(await names(), ["Closed with a note", "Okapi matters"]);
      await lead.locator(".rail-saved").last().dragTo(lead.locator(".rail-saved").first());
      assert.deepEqual(await names(), ["Okapi matters", "Closed with a note"]);
      await lead.reload();
      await okapi.waitFor();
      assert.deepEqual(await names(), ["Okapi matters", "Closed with a note"]);

      await lead.getByRole("button", { name: "Change Okapi matters" }).click();
      await lead.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
      await okapi.waitFor({ state: "detached" });
      await desk.press(lead, "u");
      await okapi.waitFor();
      assert.deepEqual(await names(), ["Okapi matters", "Closed with a note"]);

      // Shared by a lead: everybody has it, with a number of their own.
      await lead.getByRole("button", { name: "Change Okapi matters" }).click();
      await lead.getByRole("dialog").getByLabel("For everybody at the desk").check();
      await lead.getByRole("dialog").getByRole("button", { name: "Save" }).click();
      const agent = await desk.enter(s);
      await agent.locator(".rail-saved", { hasText: "Okapi" }).locator(".count", { hasText: "2" }).waitFor();
      assert.equal(await agent.getByRole("button", { name: "Change Okapi matters" }).count(), 0);
    },
  },

  "an invitation is taken up from its link, and people of a second shop sign in at its own address": {
    noise: new RegExp(refused.source + "|status of 401"),
    play: async (s) => {
      // The link as it is sent, and the desk behind it.
      const admin = await desk.enter(s, "admin");
      const headers = { Origin: s.base, "Content-Type": "application/json" };
      const made = await (await admin.request.post(`${s.base}/desk/api/v1/invitations`, { headers, data: { email: "nora@shop.example", name: "Nora", role: "agent" } })).json();
      const nora = await s.open(made.path, { locale: "en-GB" });
      await nora.getByLabel("Password").fill("teal bicycle harbour");
      await s.axe(nora, "an invitation");
      await nora.keyboard.press("Enter");
      await nora.locator(".rows:not([aria-busy]), .empty").first().waitFor();
      assert.equal(new URL(nora.url()).pathname, "/desk");
      assert.ok(!nora.url().includes("join"), nora.url());

      // One shop: nothing is asked. A second one: which, and no more.
      const door = await s.open("/desk", { locale: "en-GB" });
      await door.getByLabel("E-mail address").waitFor();
      assert.equal(await door.getByLabel(/^Shop/).count(), 0);
      await s.order("run", { args: ["site", "add", "second"] });
      const [email, password] = (await s.order("run", { args: ["agent", "first", "tom@second.example", "--site", "second", "--name", "Tom"] })).said.trim().split(/\s+/);
      await door.reload();
      const shop = door.getByLabel(/^Shop/);
      await shop.waitFor();
      await s.axe(door, "signing in where there are several shops");
      const enter = async (page, site) => {
        if (site !== undefined) await page.getByLabel(/^Shop/).fill(site);
        await page.getByLabel("E-mail address").fill(email);
        await page.getByLabel("Password").fill(password);
        await page.keyboard.press("Enter");
      };
      await enter(door, "no-such-shop");
      const refusal = await door.getByRole("alert").filter({ hasText: /./ }).innerText();
      await enter(door, "shop");
      await door.waitForFunction(() => !document.querySelector("button[type=submit]").disabled);
      assert.equal(await door.getByRole("alert").innerText(), refusal);
      await enter(door, "Second ");
      await door.locator(".rows:not([aria-busy]), .empty").first().waitFor();
      assert.equal(new URL(door.url()).pathname, "/desk/second");
      await door.reload();
      await door.locator(".rows:not([aria-busy]), .empty").first().waitFor();
      await settings(door, "you");
      await door.getByRole("button", { name: "Sign out", exact: true }).click();
      await shop.waitFor();
      assert.equal(await shop.inputValue(), "second");
      await enter(door);
      await door.locator(".rows:not([aria-busy]), .empty, .card").first().waitFor();

      // Another shop's address asks for itself, and looks the same where there is none.
      for (const name of ["shop", "never-heard-of"]) {
        await door.goto(`${s.base}/desk/${name}`);
        await shop.waitFor();
        assert.equal(await shop.inputValue(), name);
      }
      // Who belongs to the main one leaves the field empty, or empties it.
      await desk.enter(s);
      await shop.fill("");
      await door.getByLabel("E-mail address").fill(logins.admin.email);
      await door.getByLabel("Password").fill(logins.admin.password);
      await door.keyboard.press("Enter");
      await door.locator(".rows:not([aria-busy]), .empty").first().waitFor();
      assert.equal(new URL(door.url()).pathname, "/desk");

      // An invitation of the second one leads to its own address.
      const link = (await s.order("run", { args: ["agent", "invite", "ida@second.example", "--site", "second", "--name", "Ida"] })).said.trim();
      const ida = await s.open("/desk" + new URL(link).hash, { locale: "en-GB" });
      await ida.getByLabel("Password").fill("teal bicycle harbour");
      await ida.keyboard.press("Enter");
      await ida.locator(".rows:not([aria-busy]), .empty").first().waitFor();
      assert.equal(new URL(ida.url()).pathname, "/desk/second");
    },
  },

  "business hours are set by a form that says what they mean": {
    noise: refused,
    play: async (s) => {
      const lead = await desk.enter(s, "admin");
      await settings(lead, "queues");
      await lead.getByRole("button", { name: "Edit: Support", exact: true }).click();
      const form = lead.getByRole("dialog");
      await form.getByText("Always open.").waitFor();
      await form.getByLabel("Own hours").check();
      await form.getByLabel("Time zone").fill("Europe/Berlin");
      await form.getByLabel("Monday, span 1: closes").fill("12:30");
      await form.getByLabel("Monday: add a span").click();
      await form.getByLabel("Monday, span 2: opens").fill("13:30");
      await form.getByLabel("Monday, span 2: closes").fill("18:00");
      await form.getByRole("button", { name: "Monday's for Tuesday to Friday" }).click();
      await form.getByLabel("Saturday: add a span").click();
      await form.getByLabel("Saturday, span 1: opens").fill("22:00");
      await form.getByLabel("Saturday, span 1: closes").fill("00:00");
      await form.getByRole("button", { name: "Add a day" }).click();
      await form.getByLabel("Day", { exact: true }).fill("2026-12-25");
      await form.getByLabel("every year").check();
      await form.locator(".hours-called").fill("Christmas");
      await form.locator(".hours-now", { hasText: /Open now until .+ Opens again|Closed now\. Opens / }).waitFor();
      await form.locator(".hours-now", { hasText: /the clocks go (forward|back) by 60 min/ }).waitFor();
      await s.axe(lead, "hours");
      // What overlaps is said in words, and is not kept.
      await form.getByLabel("Monday, span 2: opens").fill("12:00");
      await form.locator(".hours-now .form-trouble", { hasText: "overlap" }).waitFor();
      await form.getByLabel("Monday, span 2: opens").fill("13:30");
      await form.locator(".hours-now .form-trouble").waitFor({ state: "detached" });
      await form.getByRole("button", { name: "Save" }).click();
      await form.waitFor({ state: "detached" });
      const row = lead.locator("tr", { hasText: "Support" }).first();
      assert.match(await row.innerText(), /Mon–Fri 09:00–12:30, 13:30–18:00; Sat 22:00–24:00/);
      const kept = (await (await lead.request.get(`${s.base}/desk/api/v1/settings`)).json()).queues.find((q) => q.queue === "support").hours;
      assert.deepEqual(kept, { zone: "Europe/Berlin", week: { "mon-fri": ["09:00-12:30", "13:30-18:00"], sat: ["22:00-24:00"] }, holidays: [{ date: "12-25", name: "Christmas" }] });

      // It is read again as it was set.
      await lead.getByRole("button", { name: "Edit: Support", exact: true }).click();
      assert.equal(await form.getByLabel("Friday, span 2: opens").inputValue(), "13:30");
      assert.equal(await form.getByLabel("Saturday, span 1: closes").inputValue(), "00:00");
      assert.ok(await form.getByLabel("every year").isChecked());
      await form.getByLabel("Always open").check();
      await form.getByRole("button", { name: "Save" }).click();
      await form.waitFor({ state: "detached" });
    },
  },

  "limits, blocks, articles and the audit log have their pages": {
    noise: refused,
    play: async (s) => {
      const c = await customer(s, ["spam spam spam"]);
      const admin = await desk.enter(s, "admin");
      await settings(admin, "rules");
      await admin.getByLabel(/^Open cases of one visitor/).fill("5");
      await admin.getByLabel(/^Time zone/).fill("Europe/Vienna");
      await admin.getByRole("button", { name: "Save" }).click();
      await admin.getByText("Saved.").waitFor();
      await admin.getByRole("button", { name: "Block somebody" }).click();
      const dialog = admin.getByRole("dialog");
      await s.axe(admin, "blocking");
      await dialog.getByLabel(/^Reference/).fill(c.reference);
      await dialog.getByLabel(/^Reason/).fill("Only noise");
      await dialog.getByRole("button", { name: "Block" }).click();
      await admin.locator(".line-item", { hasText: "Only noise" }).waitFor();
      await s.axe(admin, "limits");
      await admin.getByRole("button", { name: "Let them again" }).click();
      await admin.getByText("Nobody is blocked.").waitFor();
      assert.equal((await (await admin.request.get(`${s.base}/desk/api/v1/settings`)).json()).rules.max_open, 5);

      await settings(admin, "articles");
      await admin.getByLabel("Find an article").fill("returns");
      await admin.getByRole("button", { name: /^Edit: / }).first().click();
      await dialog.getByLabel("Desk").selectOption("support");
      await dialog.getByRole("button", { name: "Save" }).click();
      const settled = admin.locator("tr", { hasText: "set here" }).first();
      assert.match(await settled.innerText(), /Support[^]*Robin/);
      await s.axe(admin, "articles");
      await settled.getByRole("button", { name: /^Edit: / }).click();
      await dialog.getByRole("button", { name: "Take back" }).click();
      await settled.waitFor({ state: "detached" });

      await settings(admin, "audit");
      await admin.locator("tr", { hasText: "labels of an article" }).first().waitFor();
      await s.axe(admin, "the audit log");
      await admin.getByRole("combobox", { name: /^What/ }).selectOption("login");
      await admin.waitForFunction(() => !/changed settings/.test(document.querySelector(".table-wrap")?.innerText ?? "changed settings"));
      await admin.locator("tr", { hasText: "signed in" }).first().waitFor();
    },
  },
};
