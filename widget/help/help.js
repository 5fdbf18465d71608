// The help pages' own script: suggestions while one types a search, and "Was
// this helpful?" without leaving the page. Without it both work as forms.

"use strict";

(() => {
  const make = (tag, attributes = {}, ...inside) => {
    const e = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) e.setAttribute(name, value);
    e.append(...inside);
    return e;
  };

  // Suggestions ------------------------------------------------------------------

  const GAP = 30; // ms between two questions at least: the first letter asks at once, faster ones together
  const KEPT = 100; // answers kept, for letters that are taken back

  const suggestions = (form) => {
    const field = form.querySelector("input[type=search]");
    const list = make("ul", { id: "suggestions", role: "listbox", class: "suggestions", hidden: "", "aria-label": form.dataset.suggestions.replace(/[:：]?\s*\{\}.*$/, "") });
    const said = make("span", { class: "unseen", role: "status" });
    form.append(list, said);
    for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": "suggestions" })) field.setAttribute(name, value);
    const known = new Map();
    let timer = 0;
    let request = null;
    let asked = -GAP;
    let chosen = -1;

    const options = () => [...list.children];
    const close = () => {
      list.hidden = true;
      chosen = -1;
      field.setAttribute("aria-expanded", "false");
      field.removeAttribute("aria-activedescendant");
    };
    const choose = (n) => {
      const all = options();
      chosen = n < -1 ? all.length - 1 : n >= all.length ? -1 : n;
      all.forEach((o, i) => o.setAttribute("aria-selected", String(i === chosen)));
      if (chosen < 0) field.removeAttribute("aria-activedescendant");
      else {
        field.setAttribute("aria-activedescendant", all[chosen].id);
        all[chosen].scrollIntoView({ block: "nearest" });
      }
    };
    const show = (items) => {
      list.replaceChildren(
        ...items.map((item, n) => {
          const title = make("span", { class: "suggestion-title" }, item.title);
          if (item.lang) title.lang = item.lang;
          title.dir = item.dir;
          const option = make("li", { id: "suggestion-" + n, role: "option", "aria-selected": "false" }, title);
          if (item.topic) option.append(make("span", { class: "suggestion-topic" }, item.topic));
          option.addEventListener("mousedown", (e) => e.preventDefault()); // the field keeps its focus
          option.addEventListener("click", () => location.assign(item.path));
          option.dataset.path = item.path;
          return option;
        }),
      );
      chosen = -1;
      field.removeAttribute("aria-activedescendant");
      list.hidden = items.length === 0;
      field.setAttribute("aria-expanded", String(items.length > 0));
      said.textContent = form.dataset.suggestions.replace("{}", String(items.length));
    };
    const ask = async (typed) => {
      asked = performance.now();
      request?.abort();
      const have = known.get(typed);
      if (have !== undefined) return show(have);
      request = new AbortController();
      const query = new URLSearchParams(new FormData(form));
      query.set("q", typed);
      query.set("suggest", "1");
      try {
        const response = await fetch(form.action + "?" + query, { signal: request.signal, headers: { Accept: "application/json" } });
        if (!response.ok) return;
        const { items } = await response.json();
        if (known.size >= KEPT) known.clear();
        known.set(typed, items);
        if (field.value === typed && document.activeElement === field) show(items);
      } catch {
        // Stopped for the next letter, or no network: Enter still searches.
      }
    };
    field.addEventListener("input", () => {
      clearTimeout(timer);
      const typed = field.value;
      if (typed.trim().length < 2) return close();
      timer = setTimeout(ask, Math.max(0, asked + GAP - performance.now()), typed);
    });
    field.addEventListener("keydown", (e) => {
      if (e.isComposing) return;
      if (e.key === "Escape" && !list.hidden) {
        e.preventDefault();
        close();
      } else if ((e.key === "ArrowDown" || e.key === "ArrowUp") && options().length > 0) {
        e.preventDefault();
        list.hidden = false;
        field.setAttribute("aria-expanded", "true");
        choose(e.key === "ArrowDown" ? chosen + 1 : chosen - 1);
      } else if (e.key === "Enter" && chosen >= 0) {
        e.preventDefault();
        location.assign(options()[chosen].dataset.path);
      }
    });
    field.addEventListener("blur", close);
  };

  // Was this helpful? --------------------------------------------------------------

  const send = async (form, fields) => {
    const response = await fetch(form.action, {
      method: "POST",
      headers: { Accept: "application/json", "Content-Type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams(fields).toString(),
    });
    if (!response.ok) throw new Error("status " + response.status);
    return response.json();
  };

  const helpful = (section) => {
    const words = section.dataset;
    const say = (text) => {
      const line = make("p", { role: "status", tabindex: "-1" }, text);
      section.replaceChildren(line);
      line.focus({ preventScroll: true });
    };
    // A form that could not be sent by script is sent as it is.
    const submit = (form, then) =>
      form.addEventListener("submit", async (e) => {
        e.preventDefault();
        const fields = [...new FormData(form, e.submitter)];
        try {
          then(await send(form, fields), new Map(fields));
        } catch {
          for (const [name, value] of fields) if (form.elements.namedItem(name) === null || name === "helpful") form.append(make("input", { type: "hidden", name, value }));
          form.submit();
        }
      });
    const missing = (action, rating) => {
      const label = make("label", { for: "missing" }, words.missing);
      const box = make("textarea", { id: "missing", name: "missing", class: "field", rows: "3", maxlength: "1000", "aria-describedby": "missing-hint" });
      const form = make(
        "form", { class: "missing", method: "post", action }, make("p", {}, label), box, make("p", { id: "missing-hint", class: "hint" }, words.hint),
        make("input", { type: "hidden", name: "rating", value: rating }), make("button", { class: "button", type: "submit" }, words.send),
      );
      submit(form, () => say(words.noted));
      section.replaceChildren(form);
      box.focus({ preventScroll: true });
    };
    for (const form of section.querySelectorAll("form")) {
      if (form.classList.contains("missing")) submit(form, () => say(words.noted));
      else submit(form, (got, fields) => (fields.get("helpful") === "no" ? missing(form.getAttribute("action"), got.rating) : say(words.thanks)));
    }
  };

  const form = document.querySelector("form.search[data-suggestions]");
  if (form !== null) suggestions(form);
  const section = document.querySelector(".helpful");
  if (section !== null) helpful(section);
})();
