/* Keys of the admin's first page, lists and forms, and the help that names them. Pages with a help of their own (queues,
   merging) answer keys themselves. What a key does is done by a control of the page: without this script all of them are
   there. */
(() => {
  "use strict";
  const help = document.querySelector("dialog[data-help-dialog]");
  const content = document.getElementById("content");
  if (!help || !content) return;

  // Unfold opens these by a click alone: a keyboard reaches them, too.
  const pressable = "#nav-sidebar [x-on\\:click*=openUserLinks], #changelist a:not([href])[x-on\\:click]";
  for (const one of document.querySelectorAll(pressable)) {
    one.tabIndex = 0;
    one.setAttribute("role", "button");
    one.addEventListener("keydown", (event) => {
      if (event.target !== one || (event.key !== "Enter" && event.key !== " ")) return;
      event.preventDefault();
      one.click();
    });
  }

  // The button that closes it has the focus and may be far below: the text is read from its beginning.
  function explain() {
    help.showModal();
    help.scrollTop = 0;
  }
  document.addEventListener("click", (event) => {
    if (!event.target.closest("a[href$='#keys']")) return;
    event.preventDefault();
    explain();
  });
  if (!help.matches("[data-shell-help]")) return;

  const isShown = (one) => one.getClientRects().length > 0;
  const list = document.getElementById("changelist");
  const form = content.querySelector("form[id$=_form]");
  const isDesk = Boolean(content.querySelector("[data-desk]"));
  const search = document.getElementById("searchbar");

  // --- Rows of a list, or links of a page ------------------------------------------------------------------------------
  const rows = () => (list ? [...list.querySelectorAll("#result_list tr.data-row")] : form || isDesk ? [] : [...content.querySelectorAll("a[href], summary")]).filter(isShown);
  const control = (row) => (row.matches("a, summary") ? row : row.querySelector("th a[href], td a[href]") || row.querySelector("input[type=checkbox]"));
  const rowOf = (node) => rows().find((row) => row.contains(node));

  function focusOn(row) {
    control(row)?.focus({ preventScroll: true });
    row.scrollIntoView({ block: "center" });
  }

  function move(by) {
    const all = rows();
    const at = all.indexOf(rowOf(document.activeElement));
    const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by];
    if (next) focusOn(next);
  }

  const actions = {
    j: () => move(1),
    k: () => move(-1),
    x: () => rowOf(document.activeElement)?.querySelector("input.action-select")?.click(),
    a: () => list?.querySelector("#changelist-actions select")?.focus(),
    f: () => {
      const filters = document.getElementById("changelist-filter");
      const opener = list?.querySelector("a:not([href])[x-on\\:click*='filterOpen = true']");
      if (!filters) return;
      if (!isShown(filters)) opener?.click();
      const first = () => [...filters.querySelectorAll("a[href], input:not([type=hidden]), select")].find(isShown)?.focus();
      setTimeout(first); // Unfold shows it a moment later
    },
    "[": () => turn(-1),
    "]": () => turn(1),
    e: () => [...(form?.querySelectorAll("input:not([type=hidden]), textarea, select") || [])].find(isShown)?.focus(),
  };

  function turn(by) {
    const url = new URL(location.href);
    const pages = [...document.querySelectorAll("#main a[href*='p=']")].map((one) => Number(new URL(one.href).searchParams.get("p"))).filter((one) => one > 0);
    const next = Number(url.searchParams.get("p") || 1) + by;
    if (!list || !pages.includes(next)) return;
    url.searchParams.set("p", String(next));
    location.assign(url);
  }

  let isGoing = false; // g was pressed: the next key is where
  document.addEventListener("keydown", (event) => {
    if (help.open) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const save = document.querySelector("button[name=_save]");
      if (save && form?.contains(event.target)) save.click();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const field = event.target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]");
    if (field) {
      if (event.key === "Escape") field.blur();
      return;
    }
    const key = event.key.length === 1 ? event.key.toLowerCase() : "";
    if (!key || key === " " || (event.repeat && !"jk".includes(key))) return;
    const went = isGoing;
    isGoing = false;
    if (went) {
      const link = help.querySelector(`[data-go="${CSS.escape(key)}"]`);
      if (!link) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      location.assign(link.href);
      return;
    }
    if (key === "?") explain();
    else if (key === "g") isGoing = true;
    else if (isDesk) return;
    else {
      const link = content.querySelector(`a[data-key="${CSS.escape(key)}"]`);
      if (link) location.assign(link.href);
      else if (actions[key]) actions[key]();
      else return;
    }
    event.preventDefault();
  }, true);

  // After a search or a filter the first row found is the next stop; where nothing was found, the search itself.
  function arrive() {
    if (document.activeElement !== document.body || !list || !location.search) return;
    const [first] = rows();
    if (first) control(first)?.focus({ preventScroll: true });
    else search?.focus();
  }
  if (document.readyState === "complete") arrive();
  else window.addEventListener("load", () => setTimeout(arrive));
})();
