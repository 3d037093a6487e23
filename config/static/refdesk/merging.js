/* Merge, undo, split, history by keyboard. Every key stands for a control of the page (data-key): without this script
   the same forms and links work. */
(() => {
  "use strict";
  const root = document.querySelector("[data-merging]");
  if (!root) return;
  const drafts = window.refdeskDrafts;
  const help = root.querySelector("[data-help-dialog]");
  const said = root.querySelector("[data-said]");
  const say = (text) => { said.textContent = text; };

  // --- Rows: a field to choose, a change to send, a fact to tick -----------------------------------------------------
  const rows = () => [...root.querySelectorAll("[data-row]")].filter((one) => one.getClientRects().length);
  const control = (row) => row.querySelector("input:checked:not([type=hidden])") || row.querySelector("input:not([type=hidden]), [data-open]");

  // What a search found: the arrows go from it through the hits and back.
  const hits = () => [...root.querySelectorAll("[data-hits] a")];
  const search = root.querySelector("form[role=search] input[type=search]");

  function move(by) {
    const all = rows();
    if (!all.length) return walk(by);
    const at = all.findIndex((row) => row.contains(document.activeElement));
    const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by];
    if (!next) return say(by > 0 ? "This is the last one." : "This is the first one.");
    control(next).focus();
    return next.scrollIntoView({ block: "nearest" });
  }

  function walk(by) {
    const stops = [search, ...hits()].filter(Boolean);
    const at = stops.indexOf(document.activeElement);
    const next = stops[at < 0 ? Math.min(1, stops.length - 1) : at + by];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  }

  function press(one) {
    if (one.matches("a")) one.click();
    else if (one.matches("input[type=checkbox]")) {
      one.click();
      one.focus();
    } else if (one.matches("input, select, textarea")) {
      one.focus();
      one.select?.();
    } else one.click();
  }

  // Out of a field of one of many rows: back to the row.
  function leave(from) {
    (from?.closest("[data-around]")?.querySelector("[data-open]") || root).focus({ preventScroll: true });
  }

  // What a key stands for: in a list of many its own control of the row in focus, elsewhere the page's.
  function keyed(key) {
    const name = `[data-key="${CSS.escape(key)}"]`;
    const own = document.activeElement.closest("[data-around]")?.querySelector(name);
    if (own) return own;
    const all = [...root.querySelectorAll(name)];
    const one = all.find((each) => !each.closest("[data-around]"));
    if (!one && all.length) say("Of which one? j and k go to it.");
    return one;
  }

  // --- Keys ----------------------------------------------------------------------------------------------------------
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    const field = event.target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select");
    const isAmongHits = hits().length && (event.target === search || event.target.closest("[data-hits]"));
    if (isAmongHits && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      return walk(event.key === "ArrowDown" ? 1 : -1);
    }
    if (field && root.contains(field)) {
      // In the reason Enter goes back: it never merges by chance. A search is sent by it.
      if (event.key === "Escape" || (event.key === "Enter" && field.form?.matches("[data-form]"))) {
        event.preventDefault();
        leave(field);
      }
      return;
    }
    if (field) return;
    if (event.key === "Escape" && root.contains(event.target)) return leave(event.target);
    if (event.repeat && !"jk".includes(event.key)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : "";
    if (!key || key === " ") return;
    if (key === "j") move(1);
    else if (key === "k") move(-1);
    else {
      const one = keyed(key);
      if (!one) return;
      press(one);
    }
    event.preventDefault();
  });

  root.addEventListener("click", (event) => {
    if (event.target.closest("a[data-keeps]")) keep();
    const all = event.target.closest("[data-all]");
    if (all) {
      for (const box of all.closest("[data-part]").querySelectorAll("li input[type=checkbox]")) box.checked = all.dataset.all === "yes";
      count();
    }
    // Another record keeps its id: what was chosen by hand goes along.
    const survivor = event.target.closest("[data-survivor]");
    if (survivor) {
      const address = new URL(survivor.href);
      for (const radio of root.querySelectorAll("input[type=radio]:checked:not([data-proposed])")) address.searchParams.set(radio.name, radio.value);
      for (const name of ["reason", "override"]) {
        const input = root.querySelector(`[name=${name}]`);
        if (input && (input.type === "checkbox" ? input.checked : input.value)) address.searchParams.set(name, input.value);
      }
      survivor.href = address.href;
    }
  });

  // One merge for one press: a second one while the first is under way would be refused anyway. A session that is over
  // would lose what was chosen: it is asked for first.
  root.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") {
      if (form.matches("[data-keeps]")) keep();
      return;
    }
    event.preventDefault();
    if (form.dataset.sent) return;
    form.dataset.sent = "yes";
    drafts.submit(form, event.submitter, root.dataset.alive, draft(form));
  });

  // What was typed and chosen when the session ran out, or a search or a filter led to another page of the same work:
  // filled in again once. What is ticked and not shown there goes along unseen.
  const draft = (form) => form.dataset.draft || `${drafts.pageOf(form)} ${form.getAttribute("action")}`;
  function keep() {
    const form = root.querySelector("[data-form]");
    if (form) drafts.save(draft(form), form);
  }
  for (const form of root.querySelectorAll("form[method=post]")) {
    const unseen = (name, value) => form.append(Object.assign(document.createElement("input"), { type: "checkbox", name, value, checked: true, hidden: true }));
    if (drafts.restore(draft(form), form, unseen) || form.querySelector(":scope > [hidden]:checked")) {
      drafts.drop(draft(form));
      for (const radio of form.querySelectorAll(".me-table input[type=radio]")) won(radio);
      say("What you had chosen is here again. Nothing is saved yet.");
    }
  }
  window.addEventListener("pageshow", () => root.querySelectorAll("[data-sent]").forEach((form) => delete form.dataset.sent));

  // --- What is chosen, at a glance -----------------------------------------------------------------------------------
  const counter = root.querySelector("[data-count]");
  function count() {
    if (counter) counter.textContent = String(root.querySelectorAll("[data-part] li input[type=checkbox]:checked, [data-form] > [hidden]:checked").length);
  }
  function won(radio) {
    for (const cell of radio.closest("tr").querySelectorAll("td")) cell.classList.toggle("me-won", cell.querySelector("input:checked") !== null);
  }
  root.addEventListener("change", (event) => {
    if (event.target.matches(".me-table input[type=radio]")) won(event.target);
    count();
  });
  count();

  const begin = () => {
    const row = /^#r\d+$/.test(location.hash) && root.querySelector(location.hash);
    if (row) control(row)?.focus();
    // What is missing comes first; after a search the first one found, and what found nothing is typed anew.
    const first = root.querySelector("[data-first]");
    if (first) first.focus();
    else if (search?.value) (hits()[0] || search).focus();
    if (!root.contains(document.activeElement)) leave();
  };
  if (document.readyState === "complete") begin();
  else window.addEventListener("load", begin);
})();
