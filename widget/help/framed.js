// On a page that stands where the chat would, in the window on a shop's page: tells
// the page around that words have come, and that the window is to be closed. Who
// that page is, nobody knows here, and it is told nothing else.

"use strict";

(() => {
  const tell = (what) => parent.postMessage({ frontdesk: 1, do: what }, "*");
  document.getElementById("close").addEventListener("click", () => tell("close"));
  addEventListener("keydown", (e) => e.key === "Escape" && tell("close"));
  tell("wait");
})();
