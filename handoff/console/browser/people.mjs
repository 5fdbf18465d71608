// Agents and customers, in the words of their pages.

import assert from "node:assert/strict";

export { assert };

export const logins = JSON.parse(process.env.DESK_LOGINS ?? "{}");

/** Before somebody signs in, /start says so, and the browser notes it. */
export const noise = /status of 401|net::ERR|Failed to load resource: net/;

const english = { locale: "en-GB", timezoneId: "Europe/London" };

/** A customer's conversation over the public API: what is asked, then a person. */
export async function customer(s, said, { person = true, language = "en", page = "https://shop.example.org/k2" } = {}) {
  const call = async (path, body, token) => {
    const r = await fetch(s.base + path, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...(token ? { Authorization: "Bearer " + token } : {}) },
      body: JSON.stringify(body),
    });
    assert.ok(r.ok, `${path}: ${r.status}`);
    return r.status === 204 ? {} : r.json();
  };
  const { conversation, token } = await call("/v1/conversations", { language, page: { url: page, title: "The shop" } });
  let n = 0;
  const say = (text) => call(`/v1/conversations/${conversation}/messages`, { client_msg_id: "m" + n++, text }, token);
  for (const text of said) await say(text);
  const opened = person ? await call(`/v1/conversations/${conversation}/human`, {}, token) : {};
  return {
    ...opened,
    conversation,
    token,
    say,
    human: () => call(`/v1/conversations/${conversation}/human`, {}, token),
    typing: () => call(`/v1/conversations/${conversation}/typing`, {}, token),
    messages: async () => (await (await fetch(`${s.base}/v1/conversations/${conversation}`, { headers: { Authorization: "Bearer " + token } })).json()).messages,
  };
}

export const desk = {
  /**
   * Opens the desk and signs in. With alone, its stream takes the place of the
   * one that the last such page had: the service learns at the next beat only
   * that a page is closed, and until then it counts among its agent's.
   */
  async enter(s, role = "agent", { alone = false, ...options } = {}) {
    const page = await s.open("/desk", { ...english, ...options });
    if (alone) {
      await page.route(/\/desk\/api\/v1\/stream\?/, (route) => {
        const url = new URL(route.request().url());
        url.searchParams.set("tab", "alone");
        return route.continue({ url: url.href });
      });
    }
    await page.getByLabel("E-mail address").fill(logins[role].email);
    await page.getByLabel("Password").fill(logins[role].password);
    await page.keyboard.press("Enter");
    await page.locator(".rows:not([aria-busy]), .empty").first().waitFor();
    return page;
  },
  row: (page, reference) => page.locator(`.row[data-ref="${reference}"] a`),
  /** Opens a case of the list, letting in what waits behind the bar. */
  async open(page, reference) {
    const row = desk.row(page, reference);
    const fresh = page.locator(".list").getByRole("button", { name: /^\d+ (new|neu)$/ });
    await row.or(fresh).first().waitFor();
    if ((await row.count()) === 0) await fresh.click();
    await row.click();
    await page.locator(".thread .item").first().waitFor();
  },
  /** The keyboard's own place: nothing is being written. */
  rest: (page) => page.evaluate(() => document.activeElement.blur()),
  async press(page, key) {
    await desk.rest(page);
    await page.keyboard.press(key);
  },
  async reply(page, text) {
    await page.getByLabel(/^Reply to/).fill(text);
    await page.keyboard.press("Control+Enter");
    await page.locator(".said-agent:not(.said-going) .bubble", { hasText: text.split("\n")[0] }).first().waitFor();
  },
};
