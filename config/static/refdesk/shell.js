/* Keys of every page of the admin: "?" opens its help, "g" and a letter go elsewhere; on the first page, lists and forms also the rest of what
   their help names. Pages with a help of their own (queues, merging) answer other keys themselves. What a key does is done by a
   control of the page: without this script all of them are there. */
(() => {
  "use strict";
  const help = document.querySelector("dialog[data-help-dialog]");
  const content = document.getElementById("content");
  if (!help || !content) return;

  // Unfold opens these by a click alone: a keyboard reaches them, too.
  const pressable = "#nav-sidebar [x-on\\:click*=openUserLinks], #changelist a:not([href])[x-on\\:click], span[x-on\\:click*=sidebar]";
  for (const one of document.querySelectorAll(pressable)) {
    one.tabIndex = 0;
    one.setAttribute("role", "button");
    if (one.matches("span")) one.setAttribute("aria-label", "Menu");
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
    if (!event.target.closest("a[href$='#keys'], [data-help]")) return;
    event.preventDefault();
    explain();
  });

  // Enter in a choice would press the first button of its form: nothing is merged or decided by chance.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches(".rd form[method=post] :is(input[type=radio], input[type=checkbox])")) event.preventDefault();
  });

  // "g": the next key is where. It is taken before any page sees it, whether or not it leads anywhere.
  const typing = (event) => event.target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]");
  const letter = (event) => (event.key.length === 1 && event.key !== " " ? event.key.toLowerCase() : "");
  const said = content.querySelector("[data-said]");
  let goes = 0;
  document.addEventListener("keydown", (event) => {
    if (help.open || event.ctrlKey || event.metaKey || event.altKey || typing(event) || !letter(event)) return;
    const went = Date.now() < goes;
    const key = letter(event);
    goes = 0;
    if (!went && key !== "g" && key !== "?") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const link = went && help.querySelector(`[data-go="${CSS.escape(key)}"]`);
    if (link) location.assign(link.href);
    else if (went && said) said.textContent = "Nothing has that letter.";
    else if (key === "?") explain();
    else if (key === "g" && !event.repeat) {
      goes = Date.now() + 4000;
      if (said) said.textContent = "Where to? h first page, l links, d duplicates, u unknown names, r records; ? lists the others.";
    }
  }, true);
  if (!help.matches("[data-shell-help]")) return;

  const isShown = (one) => one.getClientRects().length > 0;
  const list = document.getElementById("changelist");
  const isRecord = Boolean(content.querySelector("form[id$=_form]"));
  const form = content.querySelector("form[id$=_form]") || content.querySelector(".rd form[method=post]");
  const isDesk = Boolean(content.querySelector("[data-desk]"));
  const search = document.getElementById("searchbar");

  // --- Rows of a list, or links of a page ------------------------------------------------------------------------------
  const rows = () => (list ? [...list.querySelectorAll("#result_list tr.data-row")] : isRecord || isDesk ? [] : [...content.querySelectorAll("a[href], summary")]).filter(isShown);
  const links = (row) => [...row.querySelectorAll("th a[href], td a[href]")].filter((one) => isShown(one) && one.textContent.trim());
  const control = (row) => (row.matches("a, summary") ? row : row.querySelector("[data-opens-row]") || links(row)[0] || row.querySelector("input[type=checkbox]"));
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

  let last = null; // the row that had the focus, for the way back out of filters and actions
  document.addEventListener("focusin", (event) => {
    last = rowOf(event.target) || last;
  });

  const actions = {
    n: () => document.querySelector("#main a[href$='/add/']")?.click(),
    j: () => move(1),
    k: () => move(-1),
    x: () => rowOf(document.activeElement)?.querySelector("input.action-select")?.click(),
    a: () => (list ? list.querySelector("#changelist-actions select")?.focus() : [...content.querySelectorAll(".add-row a, a.add-row")].find(isShown)?.click()),
    f: () => {
      const filters = document.getElementById("changelist-filter");
      const opener = list?.querySelector("a:not([href])[x-on\\:click*='filterOpen = true']");
      if (!filters) return;
      if (!isShown(filters)) opener?.click();
      const first = () => [...filters.querySelectorAll("a[href], input:not([type=hidden]), select")].find(isShown)?.focus();
      setTimeout(first); // Unfold shows it a moment later
    },
    "[": () => (tabs().length ? openTab(-1) : turn(-1)),
    "]": () => (tabs().length ? openTab(1) : turn(1)),
    e: () => [...(form?.querySelectorAll("input:not([type=hidden]), textarea, select") || [])].find(isShown)?.focus(),
  };

  // --- Tabs of a form, and rows added to it ----------------------------------------------------------------------------
  const tabs = () => [...content.querySelectorAll("#tabs-items > a")].filter(isShown);
  function openTab(by, at = tabs().findIndex((one) => one.classList.contains("active")) + by) {
    const tab = tabs()[at];
    tab?.click();
    tab?.focus();
  }
  document.addEventListener("formset:added", (event) => {
    const first = () => [...event.target.querySelectorAll("input:not([type=hidden]), select, textarea")].find(isShown)?.focus();
    setTimeout(first); // the row is shown, and its choices are set up, a moment later
  });

  function turn(by) {
    const url = new URL(location.href);
    const pages = [...document.querySelectorAll("#main a[href*='p=']")].map((one) => Number(new URL(one.href).searchParams.get("p"))).filter((one) => one > 0);
    const next = Number(url.searchParams.get("p") || 1) + by;
    if (!list || !pages.includes(next)) return;
    url.searchParams.set("p", String(next));
    location.assign(url);
  }

  document.addEventListener("keydown", (event) => {
    if (help.open) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const save = document.querySelector("button[name=_save]") || form?.querySelector("button:not([type=button])");
      if (save && form?.contains(event.target)) save.click();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      if (event.target.closest("#changelist-filter, #changelist-actions") && last?.isConnected) setTimeout(() => focusOn(last));
      else typing(event)?.blur();
      return;
    }
    const key = letter(event);
    if (!key || typing(event) || (event.repeat && !"jk".includes(key))) return;
    if (isDesk) return;
    if (/[1-9]/.test(key) && tabs().length) {
      event.preventDefault();
      return openTab(0, Number(key) - 1);
    }
    const link = content.querySelector(`a[data-key="${CSS.escape(key)}"]`);
    if (link) location.assign(link.href);
    else if (actions[key]) actions[key]();
    else return;
    event.preventDefault();
  });

  // The row that was opened is found again on the way back.
  const place = `refdesk:row:${location.pathname}${location.search}`;
  const remembered = (work) => {
    try {
      return work(window.sessionStorage);
    } catch {
      return null; // a full or forbidden storage: the first row then
    }
  };
  list?.addEventListener("click", (event) => {
    const row = event.target.closest("a[href]") && rowOf(event.target);
    if (row) remembered((storage) => storage.setItem(place, control(row).getAttribute("href")));
  });

  // After a search or a filter the first row found is the next stop; where a search found nothing, the search itself.
  function arrive() {
    if (document.activeElement !== document.body || !list) return;
    const href = remembered((storage) => storage.getItem(place));
    const opened = href && rows().find((row) => control(row)?.getAttribute("href") === href);
    remembered((storage) => storage.removeItem(place));
    if (opened) return focusOn(opened);
    if (!location.search) return;
    const [first] = rows();
    if (first) control(first)?.focus({ preventScroll: true });
    else if (new URL(location.href).searchParams.get("q")) search?.focus();
  }
  if (document.readyState === "complete") arrive();
  else window.addEventListener("load", () => setTimeout(arrive));
})();
