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

  // Icons are drawn by the letters of their names, which nobody needs to hear; the side bar scrolls with the link in focus,
  // and its sign leads where the name beside it does.
  for (const icon of document.querySelectorAll(".material-symbols-outlined:not([role=button])")) icon.setAttribute("aria-hidden", "true");
  for (const sign of document.querySelectorAll("#nav-sidebar a:has(> .material-symbols-outlined:only-child)")) sign.tabIndex = -1;
  window.addEventListener("load", () => {
    for (const one of document.querySelectorAll("#nav-sidebar .simplebar-content-wrapper")) one.tabIndex = -1;
  });

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
  // A letter typed where text goes, or where it opens a list of choices, is no key of the page.
  const takesText = "input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable], [role=combobox], [role=listbox], [role=searchbox], [role=textbox]";
  const typing = (event) => event.target.closest(takesText);
  const letter = (event) => (event.key.length === 1 && event.key !== " " ? event.key.toLowerCase() : "");
  const said = content.querySelector("[data-said]");
  // The form of a page that has no keys of its own.
  const form = help.matches("[data-shell-help]") && (content.querySelector("form[id$=_form]") || content.querySelector(".rd form[method=post]"));
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

  // Ctrl and Enter: the button in focus; in a form's fields its saving. In the key's own event the answer would be opened in another tab.
  document.addEventListener("keydown", (event) => {
    if (help.open || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    const isFinal = event.target.closest("form[data-final]");
    let button = event.target.closest("button, input[type=submit]");
    if (!button && form && form.contains(event.target)) button = document.querySelector("button[name=_save]") || form.querySelector("button:not([type=button])");
    if (!button && !isFinal) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (button && !event.repeat) setTimeout(() => button.click());
    else if (said && isFinal) said.textContent = "Nothing was done: what cannot be undone is done by its own button, or by its letter outside of a field.";
  }, true);

  // --- Choices that are typed (select2) --------------------------------------------------------------------------------
  // A letter opens a closed one and begins the search in it.
  document.addEventListener("keydown", (event) => {
    const closed = event.target.closest(".select2-selection[role=combobox]");
    if (!closed || event.ctrlKey || event.metaKey || event.altKey || !letter(event)) return;
    event.preventDefault();
    window.django.jQuery(closed.closest(".select2-container").previousElementSibling).select2("open");
    const field = document.querySelector(".select2-container--open .select2-search__field");
    if (!field) return;
    field.focus();
    field.value = event.key;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  // What an earlier search found is not to be chosen while the next one is under way.
  document.addEventListener("input", (event) => {
    if (event.target.matches(".select2-search__field")) document.querySelector(".select2-container--open .select2-results__options")?.replaceChildren();
  }, true);

  if (!help.matches("[data-shell-help]")) return;

  const isShown = (one) => one.getClientRects().length > 0;
  const list = document.getElementById("changelist");
  const isRecord = Boolean(content.querySelector("form[id$=_form]"));
  const isDesk = Boolean(content.querySelector("[data-desk]"));
  const search = document.getElementById("searchbar");

  const firstField = (within) => [...within.querySelectorAll("input:not([type=hidden]), textarea, select")].find((one) => isShown(one) && !one.disabled);

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
    e: () => form && firstField(form)?.focus(),
  };

  // --- Tabs of a form, and rows added to it ----------------------------------------------------------------------------
  const tabs = () => [...content.querySelectorAll("#tabs-items > a")].filter(isShown);
  function openTab(by, at = tabs().findIndex((one) => one.classList.contains("active")) + by) {
    const tab = tabs()[at];
    tab?.click();
    tab?.focus();
  }
  document.addEventListener("formset:added", (event) => {
    const first = () => firstField(event.target)?.focus();
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
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      if (event.target.closest("#changelist-filter, #changelist-actions") && last?.isConnected) setTimeout(() => focusOn(last));
      else typing(event)?.blur();
      return;
    }
    const key = letter(event);
    if (!key || typing(event) || (event.repeat && !"jk".includes(key))) return;
    const keyed = content.querySelector(`${isDesk ? "a" : ""}[data-key="${CSS.escape(key)}"]`); // a mention's own are the desk's
    if (isDesk) return keyed?.click();
    if (/[1-9]/.test(key) && tabs().length) {
      event.preventDefault();
      return openTab(0, Number(key) - 1);
    }
    if (keyed) keyed.click();
    else if (actions[key]) actions[key]();
    else return;
    event.preventDefault();
  });

  // --- Sending, and what was refused -----------------------------------------------------------------------------------
  // One answer for one press.
  if (form && !isDesk) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "yes";
    });
    window.addEventListener("pageshow", () => delete form.dataset.sent);
  }

  // What a form was sent back for stands at its top (admin/errors.html), each error a way to its field.
  content.addEventListener("click", (event) => {
    const error = event.target.closest("a[data-error]");
    const place = error && document.getElementById(error.hash.slice(1));
    if (!place) return;
    event.preventDefault();
    const tab = /'([^']+)'/.exec(place.closest("[x-show^='activeTab ==']")?.getAttribute("x-show") || "")?.[1];
    if (tab) openTab(0, tabs().findIndex((one) => one.hash === `#${tab}`));
    const typed = place.matches(".select2-hidden-accessible") && place.nextElementSibling.querySelector(".select2-selection");
    setTimeout(() => (typed || (place.matches("input, select, textarea") ? place : firstField(place)))?.focus()); // the tab is shown a moment later
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
    const error = content.querySelector("a[data-error]");
    if (error) {
      error.focus();
      error.closest("ul").parentElement.scrollIntoView({ block: "center" });
    }
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
