/* The article page in the admin by keyboard, and without reloading to look at a mention. Where this script fails the same
   links and forms work, each with a new page. */
(() => {
  "use strict";
  const root = document.querySelector("[data-desk]");
  if (!root) return;
  const panel = root.querySelector("[data-panel]");
  const mentions = [...root.querySelectorAll("[data-text] .m[id]")];
  let request = 0;
  let timer = 0;

  const wordsOf = (mention) => mention.querySelector(":scope > a, :scope > .m-words") || mention;
  const openMention = () => root.querySelector(".m.is-open");

  function mark(pk) {
    for (const one of mentions) one.classList.toggle("is-open", one.id === "m" + pk);
  }

  async function show(url, focusSearch) {
    const mine = ++request;
    const answer = await fetch(url, { headers: { "X-Requested-With": "XMLHttpRequest" }, credentials: "same-origin" });
    if (!answer.ok || mine !== request) return;
    const text = await answer.text();
    if (mine !== request) return;
    const typed = panel.querySelector("[data-find] input[type=search]");
    const caret = typed && document.activeElement === typed ? typed.selectionStart : null;
    const value = typed ? typed.value : "";
    const note = panel.querySelector("[name=note]");
    const kept = note ? note.value : "";
    const scope = panel.querySelector("[name=scope]:checked");
    const same = panel.querySelector("[data-mention-panel]");
    const before = same ? same.dataset.mentionPanel : "";
    panel.innerHTML = text;
    const now = panel.querySelector("[data-mention-panel]");
    if (now && now.dataset.mentionPanel === before) {
      const again = panel.querySelector("[name=note]");
      if (again) again.value = kept;
      const radio = scope && panel.querySelector(`[name=scope][value="${scope.value}"]`);
      if (radio) radio.checked = true;
      const search = panel.querySelector("[data-find] input[type=search]");
      if (search && caret !== null) {
        search.value = value;
        search.focus();
        search.setSelectionRange(caret, caret);
      }
    }
    if (focusSearch) panel.querySelector("[data-find] input[type=search]")?.focus();
  }

  function open(pk, focusSearch) {
    mark(pk);
    const url = new URL(location.href);
    url.search = "";
    url.searchParams.set("mention", pk);
    url.hash = "m" + pk;
    history.replaceState(null, "", url);
    url.searchParams.set("fragment", "1");
    url.hash = "";
    // On a narrow screen the panel stands below the text.
    const below = panel.getBoundingClientRect().top > document.documentElement.clientHeight;
    return show(url, focusSearch).then(() => below && panel.scrollIntoView({ block: "start" }));
  }

  root.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    const named = event.target.closest("[data-mention]");
    const mention = named ? document.getElementById("m" + named.dataset.mention) : event.target.closest("[data-text] .m[id]");
    if (!mention || event.target.closest(".card")) return;
    event.preventDefault();
    if (named) mention.scrollIntoView({ block: "center" });
    open(mention.id.slice(1), false);
  });

  // A decision is sent by a page load; a session that is over would lose the note.
  const drafts = window.refdeskDrafts;
  const draft = (form) => form.getAttribute("action");
  panel.addEventListener("submit", (event) => {
    if (event.target.matches("[data-decide]")) {
      event.preventDefault();
      if (event.target.dataset.sent) return;
      event.target.dataset.sent = "yes";
      drafts.submit(event.target, event.submitter, root.dataset.alive, draft(event.target));
      return;
    }
    if (!event.target.matches("[data-find]")) return;
    event.preventDefault();
    find(event.target).then(() => panel.querySelector("[data-found] button")?.focus());
  });
  // Arrows go through what was found, and back into the field.
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const stops = [panel.querySelector("[data-find] input[type=search]"), ...panel.querySelectorAll("[data-found] button")];
    const at = stops.indexOf(event.target);
    if (at < 0) return;
    event.preventDefault();
    stops[at + (event.key === "ArrowDown" ? 1 : -1)]?.focus();
  });
  panel.addEventListener("input", (event) => {
    const form = event.target.closest("[data-find]");
    if (!form) return;
    clearTimeout(timer);
    timer = setTimeout(() => find(form), 250);
  });

  function find(form) {
    const url = new URL(form.action);
    url.hash = "";
    for (const [name, value] of new FormData(form)) url.searchParams.set(name, value);
    url.searchParams.set("fragment", "1");
    return show(url, false);
  }

  function step(by) {
    if (!mentions.length) return;
    const current = mentions.indexOf(document.activeElement.closest?.(".m") || openMention());
    const next = mentions[(current + by + mentions.length) % mentions.length] || mentions[0];
    const words = wordsOf(next);
    words.focus({ preventScroll: true });
    next.scrollIntoView({ block: "center" });
    if (openMention()) open(next.id.slice(1), false);
  }

  document.addEventListener("keydown", async (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key === "Escape" && root.contains(event.target)) {
      const back = openMention();
      if (back) wordsOf(back).focus();
      else event.target.blur();
      return;
    }
    if (typing) return;
    const focused = document.activeElement.closest?.("[data-text] .m[id]");
    if (event.key === "j" || event.key === "k") {
      event.preventDefault();
      step(event.key === "j" ? 1 : -1);
    } else if (event.key === "Enter" && focused && event.target.matches(".m-words")) {
      event.preventDefault();
      open(focused.id.slice(1), false);
    } else if (event.key === "u") {
      event.preventDefault();
      const undo = root.querySelector("[data-undo]");
      if (undo) undo.requestSubmit();
      else said.textContent = "There is nothing to take back.";
    } else if ("cwldr".includes(event.key) && event.key.length === 1) {
      const wanted = focused || openMention();
      if (!wanted) return;
      event.preventDefault();
      if (!wanted.classList.contains("is-open") || !panel.querySelector("[data-mention-panel]")) {
        await open(wanted.id.slice(1), event.key === "l");
      }
      const control = panel.querySelector(`[data-key="${event.key}"]`);
      if (!control) return;
      if (event.key === "l") control.focus();
      else control.click();
    }
  });

  const decide = panel.querySelector("[data-decide]");
  if (decide && drafts.restore(draft(decide), decide)) drafts.drop(draft(decide));
  window.addEventListener("pageshow", () => delete panel.querySelector("[data-decide]")?.dataset.sent);

  // A region that is filled before the page is read out stays unheard: what it says is said again.
  const said = root.querySelector("[data-said]");
  const told = [...said.childNodes];
  if (told.length) {
    said.replaceChildren();
    setTimeout(() => said.replaceChildren(...told), 100);
  }

  const start = new URL(location.href).searchParams.get("mention");
  if (start) {
    mark(start);
    // The shell shows the page only when its own scripts are through; nothing hidden takes the focus.
    const arrive = () => {
      const mention = document.getElementById("m" + start);
      if (root.contains(document.activeElement)) return;
      if (!mention) { // its text was imported anew
        root.querySelector("[data-text]").focus();
        return;
      }
      mention.scrollIntoView({ block: "center" });
      wordsOf(mention).focus({ preventScroll: true });
    };
    if (document.readyState === "complete") arrive();
    else window.addEventListener("load", arrive);
  }
})();
