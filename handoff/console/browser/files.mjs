// Files both ways: a customer sends a picture over the API, the agent sees it;
// the agent pastes, drops and picks, the customer reads it; what is not taken is
// refused in words.

import { DESK, PHONE } from "../../../widget/browser/stage.mjs";
import { assert, customer, desk, noise } from "./people.mjs";

const PIECE = 512 * 1024;

/** A picture with something to see in it, as a browser encodes it. */
export async function drawing(page, width, height, type = "image/jpeg") {
  const base64 = await page.evaluate(
    async ([w, h, mime]) => {
      const canvas = new OffscreenCanvas(w, h);
      const c = canvas.getContext("2d");
      const sky = c.createLinearGradient(0, 0, 0, h);
      sky.addColorStop(0, "#cfe4ea");
      sky.addColorStop(1, "#f3efe6");
      c.fillStyle = sky;
      c.fillRect(0, 0, w, h);
      c.fillStyle = "#2b3a3a";
      c.beginPath();
      c.ellipse(w * 0.5, h * 0.62, w * 0.22, h * 0.26, 0, 0, 7);
      c.fill();
      c.fillRect(w * 0.44, h * 0.28, w * 0.12, h * 0.12);
      c.fillStyle = "#3d8fb8";
      for (let i = 0; i < 5; i++) {
        c.beginPath();
        c.arc(w * (0.3 + i * 0.09), h * (0.92 - (i % 2) * 0.03), w * 0.018, 0, 7);
        c.fill();
      }
      c.fillStyle = "#1a2020";
      c.font = `${Math.round(h / 14)}px sans-serif`;
      c.fillText("K2 · leaks at the base", w * 0.05, h * 0.12);
      const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: mime, quality: 0.9 })).arrayBuffer());
      let s = "";
      for (let i = 0; i < bytes.length; i += 9999) s += String.fromCharCode(...bytes.subarray(i, i + 9999));
      return btoa(s);
    },
    [width, height, type],
  );
  return Buffer.from(base64, "base64");
}

/** Sends a file as a customer's page does, in pieces. */
export async function send(s, c, name, bytes) {
  const upload = "u" + Math.floor(Math.random() * 1e12);
  for (let at = 0; ; ) {
    const end = Math.min(bytes.length, at + PIECE);
    const r = await fetch(`${s.base}/v1/conversations/${c.conversation}/files`, {
      method: "POST",
      headers: {
        Authorization: "Bearer " + c.token,
        "Content-Type": "application/octet-stream",
        "X-File-Name": encodeURIComponent(name),
        "X-File-Upload": upload,
        "Content-Range": `bytes ${at}-${end - 1}/${bytes.length}`,
      },
      body: bytes.subarray(at, end),
    });
    const body = await r.json();
    if (r.status !== 202) return { status: r.status, ...body };
    at = body.received;
  }
}

export async function says(s, c, text, files) {
  const r = await fetch(`${s.base}/v1/conversations/${c.conversation}/messages`, {
    method: "POST",
    headers: { Authorization: "Bearer " + c.token, "Content-Type": "application/json" },
    body: JSON.stringify({ client_msg_id: "f" + Math.random(), text, files: files.map((f) => f.id) }),
  });
  assert.equal(r.status, 200);
  return r.json();
}

/** Lets a page drop or paste files onto the composer, as a hand would. */
const gives = (page, kind, list) =>
  page.evaluate(
    ([kind, list]) => {
      const data = new DataTransfer();
      for (const f of list) data.items.add(new File([Uint8Array.from(atob(f.base64), (c) => c.charCodeAt(0))], f.name, { type: f.type }));
      const area = document.querySelector(".composer textarea");
      if (kind === "paste") area.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
      else for (const name of ["dragover", "drop"]) area.dispatchEvent(new DragEvent(name, { dataTransfer: data, bubbles: true, cancelable: true }));
    },
    [kind, list.map((f) => ({ ...f, bytes: undefined, base64: f.bytes.toString("base64") }))],
  );

/** Waits until a file is there, and not only on its way. */
const ready = (page, name, words) => page.locator(".chip-file", { hasText: name }).locator(".quiet", { hasText: words }).waitFor({ timeout: 20_000 });

const claim = async (page) => {
  await page.getByRole("toolbar").getByRole("button", { name: /^Claim/ }).click();
  await page.locator(".case-sub", { hasText: "yours" }).waitFor();
};

export const scenarios = {
  "a customer sends a picture: it keeps its room, opens large, and stands in the packet": {
    noise,
    play: async (s) => {
      const c = await customer(s, ["My K2 leaks, order KW-1234567"]);
      const agent = await desk.enter(s);
      await desk.open(agent, c.reference);
      const photo = await send(s, c, "IMG 0001.HEIC.jpg", await drawing(agent, 1600, 1200));
      assert.equal(photo.status, 201);
      assert.deepEqual([photo.name, photo.type, photo.width, photo.height], ["IMG 0001.HEIC.jpg", "image/jpeg", 1600, 1200]);
      await says(s, c, "", [photo]);
      const shown = agent.getByRole("button", { name: "Open IMG 0001.HEIC.jpg" });
      await shown.waitFor();
      const img = shown.locator("img");
      // Its room is known before its bytes: the box has the picture's own shape.
      const box = await img.boundingBox();
      assert.ok(Math.abs(box.width / box.height - 4 / 3) < 0.02, JSON.stringify(box));
      await agent.waitForFunction(() => document.querySelector(".picture img").complete);
      assert.equal(await img.evaluate((i) => i.naturalWidth), 640); // the small one is what is loaded here
      assert.deepEqual(await img.boundingBox(), box);
      await s.axe(agent, "a picture in the conversation");

      await shown.focus();
      await agent.keyboard.press("Enter");
      const large = agent.getByRole("dialog", { name: "IMG 0001.HEIC.jpg" });
      await large.locator("img").waitFor();
      await agent.waitForFunction(() => document.querySelector(".picture-room img").naturalWidth === 1600);
      await s.axe(agent, "a picture, large");
      await agent.keyboard.press("j"); // a letter is no command in here
      await agent.keyboard.press("Escape");
      await large.waitFor({ state: "hidden" });
      await agent.locator(".said-customer").first().waitFor(); // and the case is still open

      const invoice = await send(s, c, "invoice 4711.pdf", Buffer.from("%PDF-1.7\n" + "x".repeat(900_000) + "\n%%EOF\n"));
      await says(s, c, "and the invoice", [invoice]);
      const row = agent.locator("a.file", { hasText: "invoice 4711.pdf" });
      await row.waitFor();
      assert.match(await row.innerText(), /PDF, 900 kB/);
      const [saved] = await Promise.all([agent.waitForEvent("download"), row.click()]);
      assert.equal(saved.suggestedFilename(), "invoice 4711.pdf");

      const opened = await (await agent.request.get(`${s.base}/desk/api/v1/cases/${c.case}`)).json();
      assert.deepEqual(opened.packet.files.map((f) => [f.name, f.from[0].kind]), [["IMG 0001.HEIC.jpg", "message"], ["invoice 4711.pdf", "message"]]);
    },
  },

  "an agent pastes, drops and picks; takes one back; the customer reads the rest": {
    noise,
    play: async (s) => {
      const c = await customer(s, ["How do I put the filter in? Order KW-7654321"]);
      const agent = await desk.enter(s);
      await desk.open(agent, c.reference);
      await claim(agent);
      const png = await drawing(agent, 900, 500, "image/png");
      await gives(agent, "paste", [{ name: "image.png", type: "image/png", bytes: png }]);
      const chips = agent.locator(".chip-file");
      await agent.locator(".chip-picture").waitFor();
      await gives(agent, "drop", [
        { name: "steps.txt", type: "text/plain", bytes: Buffer.from("1. Open it.\n2. Put it in.\n") },
        { name: "wrong.csv", type: "text/csv", bytes: Buffer.from("a;b\n1;2\n") },
      ]);
      await ready(agent, "wrong.csv", /^CSV/);
      await agent.getByRole("button", { name: "Remove wrong.csv" }).click();
      await agent.setInputFiles("input[type=file]", { name: "long manual.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4\n" + "y".repeat(1_300_000) + "\n%%EOF") });
      await ready(agent, "long manual.pdf", /^PDF/);
      assert.equal(await chips.count(), 3);
      await s.axe(agent, "files put in");

      // No words are needed.
      await agent.getByLabel(/^Reply to/).focus();
      await agent.keyboard.press("Control+Enter");
      const said = agent.locator(".said-agent:not(.said-going)");
      await said.getByRole("button", { name: "Open image.png" }).waitFor();
      assert.equal(await chips.count(), 0);

      const messages = await c.messages();
      const last = messages.at(-1);
      assert.deepEqual(last.files.map((f) => f.name), ["image.png", "steps.txt", "long manual.pdf"]);
      assert.equal(last.text, "");
      for (const f of last.files) {
        const r = await fetch(s.base + f.url, { headers: { Authorization: "Bearer " + c.token } });
        assert.equal(r.status, 200);
        assert.equal(r.headers.get("content-security-policy"), "sandbox; default-src 'none'; frame-ancestors 'none'");
        assert.equal(Number((await r.arrayBuffer()).byteLength), f.size);
        assert.equal((await fetch(s.base + f.url)).status, 401);
      }
    },
  },

  "what is not taken is refused in words, and nothing of it is sent": {
    noise: new RegExp(noise.source + "|status of 4(13|15|00)"),
    play: async (s) => {
      const c = await customer(s, ["Hello, order KW-1112223"]);
      const agent = await desk.enter(s);
      await desk.open(agent, c.reference);
      await claim(agent);
      await gives(agent, "drop", [
        { name: "drawing.svg", type: "image/svg+xml", bytes: Buffer.from("<svg xmlns='http://www.w3.org/2000/svg' onload='window.pwned=1'/>") },
        { name: "photo.png", type: "image/png", bytes: Buffer.from("PK\x03\x04 no picture") },
        { name: "IMG_1.heic", type: "image/heic", bytes: Buffer.from("\0\0\0\x18ftypheic\0\0\0\0mif1heic") },
      ]);
      for (const [name, words] of [["drawing.svg", "PNG or JPEG"], ["photo.png", "documents as PDF"], ["IMG_1.heic", "as JPEG"]]) {
        await agent.locator(".chip-failed", { hasText: name }).getByText(words).waitFor();
      }
      await s.axe(agent, "files refused");
      assert.ok(await agent.getByRole("button", { name: /^Send/ }).isDisabled());
      await agent.evaluate(() => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([new Uint8Array(11 << 20)], "huge.png", { type: "image/png" }));
        document.querySelector(".composer textarea").dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
      });
      await agent.getByText("huge.png has more than 10 MB").waitFor();
      await agent.getByLabel(/^Reply to/).fill("Only words");
      await agent.keyboard.press("Control+Enter");
      await agent.locator(".said-agent:not(.said-going)", { hasText: "Only words" }).waitFor();
      assert.equal(await agent.locator(".chip-file").count(), 0);
      const last = (await c.messages()).at(-1);
      assert.equal(last.files, undefined);
      assert.equal(await agent.evaluate(() => window.pwned), undefined);

      for (const [name, bytes, code] of [
        ["a.svg", "<?xml version='1.0'?><svg/>", "file_svg"],
        ["../../x.zip", "PK\x03\x04....", "file_archive"],
        ["a.png", "\x89PNG\r\n\x1a\nnothing", "file_broken"],
      ]) {
        const r = await send(s, c, name, Buffer.from(bytes, "latin1"));
        assert.equal(r.code, code);
      }
    },
  },

  "a file that was cut goes on where it stopped": {
    noise: new RegExp(noise.source + "|status of 50[0-9]|ERR_FAILED"),
    play: async (s) => {
      const c = await customer(s, ["Hello, order KW-1112224"]);
      const agent = await desk.enter(s);
      await desk.open(agent, c.reference);
      await claim(agent);
      let cut = 0;
      await agent.route("**/files", async (route) => {
        // The second piece arrives and its answer is lost; the third never leaves.
        cut++;
        if (cut === 2) await route.fetch();
        if (cut === 2 || cut === 3) await route.abort();
        else await route.continue();
      });
      await agent.setInputFiles("input[type=file]", { name: "log.txt", mimeType: "text/plain", buffer: Buffer.from("a line of the log\n".repeat(90_000)) });
      await ready(agent, "log.txt", /^Text, 1.6 MB/);
      await agent.getByLabel(/^Reply to/).focus();
      await agent.keyboard.press("Control+Enter");
      await agent.locator(".said-agent:not(.said-going) a.file", { hasText: "log.txt" }).waitFor();
      assert.equal((await c.messages()).at(-1).files[0].size, 18 * 90_000);
    },
  },
};

const wide = { viewport: { width: 1440, height: 900 } };
const phone = { viewport: PHONE, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };

/** Pictures for people to look at: see TestFiles_Looks. */
export const looks = {};
for (const [name, shape] of Object.entries({ desk: wide, "desk-dark": { ...wide, colorScheme: "dark" }, narrow: { viewport: DESK }, phone, "phone-dark": { ...phone, colorScheme: "dark" } })) {
  looks[`files-${name}`] = {
    noise: new RegExp(noise.source + "|status of 4(13|15|00)"),
    play: async (s) => {
      const c = await customer(s, ["My K2 leaks, order KW-1234567"]);
      const agent = await desk.enter(s, "agent", shape);
      await says(s, c, "Here is what it looks like", [await send(s, c, "IMG_0001.jpg", await drawing(agent, 1600, 1200)), await send(s, c, "rechnung 2026-11.pdf", Buffer.from("%PDF-1.4\n" + "x".repeat(200_000) + "%%EOF"))]);
      await says(s, c, "", [await send(s, c, "tall.png", await drawing(agent, 500, 1100, "image/png"))]);
      await desk.open(agent, c.reference);
      await claim(agent);
      if (name === "narrow") {
        await agent.evaluate(() => localStorage.setItem("desk.language", "de"));
        await agent.reload();
      }
      await agent.locator(".composer-tab-on").waitFor();
      await gives(agent, "paste", [{ name: "image.png", type: "image/png", bytes: await drawing(agent, 900, 500, "image/png") }]);
      await gives(agent, "drop", [
        { name: "steps.txt", type: "text/plain", bytes: Buffer.from("1. Open it.\n") },
        { name: "a drawing with quite a long name.svg", type: "image/svg+xml", bytes: Buffer.from("<svg/>") },
      ]);
      await agent.locator(".chip-failed").waitFor();
      await agent.locator(".chip-picture").waitFor();
      await agent.waitForFunction(() => [...document.images].every((i) => i.complete));
      await s.picture(agent, `files-${name}-case`);
      await agent.locator(".picture").first().click();
      await agent.waitForFunction(() => [...document.images].every((i) => i.complete));
      await s.picture(agent, `files-${name}-large`);
    },
  };
}
