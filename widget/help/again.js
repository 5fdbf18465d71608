// On a page that says that something is away: asks now and then whether it is back,
// and shows it then, by itself.

"use strict";

(() => {
  const FIRST = 3_000; // ms
  const LONGEST = 30_000;

  let wait = FIRST;
  let timer = 0;
  // What somebody is writing into the search is not taken from them.
  const writing = () => [...document.querySelectorAll("input[type=search]")].some((field) => field.value !== field.defaultValue);
  // Never in step with every other page that waits for the same service.
  const later = () => (timer = setTimeout(look, wait * (0.75 + Math.random() / 2)));
  const look = async () => {
    clearTimeout(timer);
    try {
      const { status } = await fetch(location.href, { method: "HEAD", cache: "no-store" });
      if (status < 500 && status !== 429 && !writing()) return location.reload();
    } catch {
      // no network: later
    }
    wait = Math.min(wait * 1.5, LONGEST);
    later();
  };
  later();
  addEventListener("online", look);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && look());
})();
