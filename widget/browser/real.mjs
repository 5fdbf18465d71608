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
  const app = await chat.open(page);
  await chat.ask(app, QUESTION);
  await chat.answers(app).locator(".source a, .choice").first().waitFor();
  const choice = chat.answers(app).locator(".choice").first();
  if ((await choice.count()) > 0) await choice.click();
  await chat.answers(app).locator(".source a").first().waitFor();
  return [page, app];
}

const said = async (app) => [await chat.own(app).count(), await chat.answers(app).count()];

const flat = (s) => s.replace(/\s+/g, "");

export const scenarios = {
  "a question gets a cited answer, which opens in place at the quoted words": {
    play: async (s) => {
      const [page, app] = await answered(s);
      await s.axe(page, "answer");
      const link = chat.answers(app).last().locator(".source a").first();
      await link.click();
      await app.locator(".passage mark").first().waitFor();
      const marked = flat((await app.locator(".passage mark").allTextContents()).join(""));
      const quoted = flat(await chat.answers(app).last().locator(".prose").evaluate((e) => e.textContent));
      assert.ok(quoted.length > 20);
      assert.equal(marked, quoted, "all that was quoted is marked, and nothing else");
      await s.axe(page, "passage");
      await app.getByRole("link", { name: "Open the page" }).click();
      await app.getByRole("heading", { level: 1 }).waitFor();
    },
  },

  "a person is one press away, with a reference, and stays so over a reload": {
    play: async (s) => {
      let [page, app] = await answered(s);
      const [own, answers] = await said(app);
      await chat.talk(app).click();
      await app.getByText("You are in line for a person").waitFor();
      const reference = await app.locator(".reference").innerText();
      assert.match(reference, /^[0-9A-Z]{4}-[0-9A-Z]{4}$/);
      await s.axe(page, "in line");
      await chat.ask(app, "My order is KW-1234567");
      await app.locator(".working").waitFor({ state: "hidden" });
      await page.reload();
      app = await chat.again(page);
      await app.locator(".reference").getByText(reference).waitFor();
      await chat.own(app).nth(own).waitFor();
      assert.equal(await chat.answers(app).count(), answers, "the bot is silent after the handover");
    },
  },

  "feedback is noted, and a reload keeps it all": {
    play: async (s) => {
      let [page, app] = await answered(s);
      const before = await said(app);
      const noted = page.waitForResponse(/\/feedback$/);
      await chat.answers(app).last().getByRole("button", { name: "That helped" }).click();
      assert.ok((await noted).ok());
      await page.reload();
      app = await chat.again(page);
      await chat.answers(app).last().locator(".source a").first().waitFor();
      assert.deepEqual(await said(app), before);
    },
  },

  "every question that the shop's page suggests in its own language is answered with a quote": {
    play: async (s) => {
      // The German one takes both encoders, as the demo has them; here is one.
      const many = await (await s.open()).locator(".tries [data-ask]:not([lang])").count();
      assert.ok(many > 2);
      for (let n = 0; n < many; n++) {
        const page = await s.open();
        const question = page.locator(".tries [data-ask]:not([lang])").nth(n);
        const words = await question.innerText();
        await chat.launcher(page).waitFor();
        await question.click();
        const app = await chat.again(page);
        await chat.answer(app).waitFor();
        await app.locator(".working").waitFor({ state: "hidden" });
        assert.equal(await chat.answers(app).count(), 1, words);
        assert.ok((await chat.answer(app).locator(".source a").count()) > 0, words);
        assert.equal(await app.locator(".lines .choice").count(), 0, words);
      }
    },
  },

  "what the knowledge does not hold is not made up": {
    play: async (s) => {
      const page = await s.open();
      const app = await chat.open(page);
      await chat.ask(app, "Who won the chess world championship in 1972?");
      await chat.answer(app).getByRole("button", { name: "Talk to a person" }).waitFor();
      assert.equal(await chat.answer(app).locator(".source").count(), 0);
    },
  },

  "however the network is cut, each message is said and answered once": {
    noise,
    play: async (s) => {
      let [page, app] = await answered(s);
      const [own, answers] = await said(app);
      const questions = ["Is express delivery possible to Northern Ireland?", "Do you deliver to Ireland?", "My K2 flashes red three times", "How do I pair the Gram scale?"];
      for (const [n, q] of questions.entries()) {
        const taken = page.waitForResponse(/\/messages$/).catch(() => {});
        await chat.ask(app, q);
        if (n % 2 === 1) await taken; // else the cut comes while the message is on its way
        await s.order("cut");
        await app.waitForFunction((want) => document.querySelectorAll(".lines > .bot").length >= want, answers + n + 1);
      }
      await app.locator(".working").waitFor({ state: "hidden" });
      assert.deepEqual(await said(app), [own + 4, answers + 4]);
      await page.reload();
      app = await chat.again(page);
      await chat.answer(app, answers + 3).waitFor();
      assert.deepEqual(await said(app), [own + 4, answers + 4], "and the service has it so");
    },
  },

  "a service that is killed and comes back loses nothing": {
    noise,
    play: async (s) => {
      const [page, app] = await answered(s);
      const [own, answers] = await said(app);
      await s.order("refuse");
      await s.order("cut");
      await chat.ask(app, "How do I pair the Gram scale?");
      await app.getByText("No connection.").waitFor();
      await s.order("kill");
      await s.order("pass");
      await app.getByRole("button", { name: "Try now" }).click();
      await chat.answer(app, answers).waitFor();
      assert.equal(await chat.own(app).count(), own + 1);
    },
  },

  "a picture is sent and seen; what is no picture is refused in words": {
    noise,
    play: async (s) => {
      const page = await s.open();
      const app = await chat.open(page);
      const input = app.locator("input[type=file]");
      await input.setInputFiles({ name: "drawing.svg", mimeType: "image/svg+xml", buffer: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>') });
      await app.getByText("SVG drawings are not taken").waitFor();
      const picture = await page.screenshot({ clip: { x: 0, y: 0, width: 320, height: 200 } });
      await input.setInputFiles({ name: "shelf.png", mimeType: "image/png", buffer: picture });
      await app.locator('.attached [data-is="ready"]').waitFor();
      await s.axe(page, "a file that is ready");
      await chat.ask(app, "This is how it arrived");
      const shown = chat.own(app).locator("img");
      await shown.waitFor();
      await app.waitForFunction(() => document.querySelector(".own img").naturalWidth === 320);
      assert.equal(await shown.getAttribute("alt"), "shelf.png");
      await page.reload();
      const again = await chat.again(page);
      await again.waitForFunction(() => document.querySelector(".own img")?.naturalWidth === 320);
    },
  },

  "a photo that cannot be shown and one that is too big are refused in words, and the message goes on": {
    noise,
    play: async (s) => {
      const page = await s.open();
      const app = await chat.open(page);
      const sent = [];
      page.on("request", (r) => r.url().endsWith("/files") && sent.push(r));
      const input = app.locator("input[type=file]");
      await chat.field(app).fill("It arrived like this");
      // Sixty megabytes go on no wire: the app says so before it begins.
      await input.evaluate((e) => {
        const files = new DataTransfer();
        files.items.add(new File([new Uint8Array(60 << 20)], "shelf.png", { type: "image/png" }));
        e.files = files.files;
        e.dispatchEvent(new Event("change"));
      });
      await app.getByText("shelf.png is too big. A file can have up to 10").waitFor();
      assert.equal(sent.length, 0);
      await input.setInputFiles({ name: "IMG_0001.HEIC", mimeType: "image/heic", buffer: Buffer.from("\x00\x00\x00\x24ftypheic\x00\x00\x00\x00mif1heic" + "x".repeat(2000), "latin1") });
      await app.getByText("This photo is HEIC or AVIF").waitFor();
      await s.axe(page, "a file that is refused");
      assert.equal(await app.locator(".attached li").count(), 0);
      assert.equal(await chat.field(app).inputValue(), "It arrived like this", "the words are still there");
      await chat.field(app).press("Enter");
      await chat.own(app).waitFor();
    },
  },

  "a file that waits for its words is there after a reload, too, and goes with them": {
    play: async (s) => {
      const page = await s.open();
      let app = await chat.open(page);
      await app.locator("input[type=file]").setInputFiles({ name: "log.txt", mimeType: "text/plain", buffer: Buffer.from("flashes three times") });
      await app.locator('.attached [data-is="ready"]').waitFor();
      await app.getByText("What can we help with?").waitFor();
      await chat.field(app).fill("This is what it says");
      await page.reload();
      app = await chat.again(page);
      await app.locator('.attached [data-is="ready"]').getByText("log.txt").waitFor();
      await chat.field(app).press("Enter");
      await chat.own(app).getByRole("link", { name: "Open log.txt" }).waitFor();
      await app.locator(".attached").waitFor({ state: "hidden" });
      await page.reload();
      app = await chat.again(page);
      await chat.own(app).getByRole("link", { name: "Open log.txt" }).waitFor();
      assert.equal(await app.locator(".attached li").count(), 0);
    },
  },

  "files beyond five, and a message while one is on its way, are answered in words": {
    noise,
    play: async (s) => {
      const page = await s.open();
      const app = await chat.open(page);
      let go;
      const held = new Promise((r) => (go = r));
      await page.route("**/files", async (route) => {
        await held;
        return route.continue();
      });
      const files = [1, 2, 3, 4, 5, 6, 7].map((n) => ({ name: n + ".txt", mimeType: "text/plain", buffer: Buffer.from("file " + n) }));
      await app.locator("input[type=file]").setInputFiles(files);
      await app.getByText("A message can carry 5 files.").waitFor();
      assert.equal(await app.locator(".attached li").count(), 5);
      await chat.ask(app, "Here they are");
      await app.getByText("1.txt is on its way: 0%").waitFor();
      assert.equal(await chat.field(app).inputValue(), "Here they are", "nothing went without them");
      go();
      await app.waitForFunction(() => document.querySelectorAll('.attached [data-is="ready"]').length === 5);
      await chat.field(app).press("Enter");
      await app.waitForFunction(() => document.querySelectorAll(".own .file").length === 5);
    },
  },

  "a file goes with the conversation that it went to": {
    play: async (s) => {
      const [page, app] = await answered(s);
      await app.locator("input[type=file]").setInputFiles({ name: "log.txt", mimeType: "text/plain", buffer: Buffer.from("flashes three times") });
      await app.locator('.attached [data-is="ready"]').waitFor();
      await chat.fresh(app);
      await app.locator(".attached").waitFor({ state: "hidden" });
      await chat.ask(app, QUESTION);
      await chat.answers(app).first().waitFor();
      assert.equal(await app.locator(".unsent").count(), 0);
      assert.ok(page);
    },
  },

  "a file on its way stays behind with who signs out": {
    noise,
    play: async (s) => {
      const page = await s.open();
      const app = await chat.open(page);
      await page.route("**/files", () => {}); // it never gets there
      const ada = ["e30", Buffer.from('{"sub":"ada"}').toString("base64url"), "x"].join("."); // what the service makes of it is another scenario's
      await page.evaluate((t) => window.Frontdesk("identify", t), ada);
      await app.locator("input[type=file]").setInputFiles({ name: "passport.txt", mimeType: "text/plain", buffer: Buffer.from("of Ada") });
      await app.locator('.attached [data-is="going"]').getByText("passport.txt").waitFor();
      await page.evaluate(() => window.Frontdesk("identify", null));
      await app.locator(".attached").waitFor({ state: "hidden" });
      assert.equal(await app.getByText("passport.txt").count(), 0);
    },
  },

  "an upload that the network cuts goes on where it stopped": {
    noise,
    play: async (s) => {
      const page = await s.open();
      const app = await chat.open(page);
      const words = Buffer.from("Serial number 0123456789, printed on the base of the machine.\n".repeat(48_000)); // 3 MB
      const from = [];
      await page.route("**/files", async (route, request) => {
        const range = request.headers()["content-range"] ?? "";
        from.push(Number(/bytes (\d+)-/.exec(range)?.[1] ?? -1));
        if (from.length === 2) return route.abort("connectionreset"); // never arrives
        if (from.length !== 4) return route.continue();
        await route.fetch(); // arrives, and its receipt does not
        return route.abort("connectionreset");
      });
      await app.locator("input[type=file]").setInputFiles({ name: "log.txt", mimeType: "text/plain", buffer: words });
      await app.locator('.attached [data-is="ready"]').waitFor({ timeout: 30_000 });
      const piece = 512 << 10;
      assert.deepEqual(from, [0, 1, 1, 2, 2, 3, 4, 5].map((n) => n * piece), "no piece but the two that were lost went twice");
      await chat.ask(app, "Here is what it says");
      const file = chat.own(app).getByRole("link", { name: "Open log.txt" });
      const down = page.waitForEvent("download");
      await file.click();
      const { readFileSync } = await import("node:fs");
      assert.ok(readFileSync(await (await down).path()).equals(words), "and it is whole");
    },
  },

  "messages sent in one breath share what there is to say": {
    play: async (s) => {
      const page = await s.open();
      const app = await chat.open(page);
      await chat.ask(app, "Hello");
      await chat.ask(app, "I bought a kettle last week");
      await chat.ask(app, QUESTION);
      await chat.answers(app).last().waitFor();
      await app.locator(".working").waitFor({ state: "hidden" });
      assert.equal(await chat.own(app).count(), 3);
      const order = await chat.own(app).locator(".bubble").allInnerTexts();
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
