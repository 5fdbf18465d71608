// The demo shop's own script, as any shop may have one: what on its page has to
// do with questions goes to the chat. Without scripts the same links and the
// same box lead to the help pages.

window.Frontdesk ??= function (...call) {
  (window.Frontdesk.q ??= []).push(call);
};

document.addEventListener("click", (e) => {
  const asked = e.target.closest?.("[data-ask]");
  const chat = e.target.closest?.("[data-chat]");
  if (!asked && !chat) return;
  e.preventDefault();
  if (asked) window.Frontdesk("ask", asked.dataset.ask);
  else window.Frontdesk("open");
});

document.addEventListener("submit", (e) => {
  const form = e.target.closest?.("form[data-ask-form]");
  const text = form ? new FormData(form).get("q") : "";
  if (!form || typeof text !== "string" || text.trim() === "") return;
  e.preventDefault();
  form.reset();
  window.Frontdesk("ask", text);
});

if (location.hash === "#chat") window.Frontdesk("open");
