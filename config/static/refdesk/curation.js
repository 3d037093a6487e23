/* The curators' queues by keyboard: the next item is loaded while one reads, a decision shows it at once and is sent
   behind. Where this script fails the same forms and links work, a page each. */
(() => {
  "use strict";
  const root = document.querySelector("[data-curation]");
  if (!root) return;
  const area = root.querySelector("[data-area]");
  const progress = root.querySelector("[data-progress]");
  const said = root.querySelector("[data-said]");
  const help = root.querySelector("[data-help-dialog]");
  const address = root.dataset.address;
  const query = root.dataset.query || "";
  const loaded = new Map(); // key → promise of an item's HTML
  const decided = new Set(); // keys that were sent: the strip may still show them for a moment
  const drafts = window.refdeskDrafts;
  let sending = Promise.resolve();
  let waiting = 0; // requests under way that the page must not be left without
  let aim = ""; // key of the item that is on its way into view; "" where what is shown is what is highlighted
  let walking = Promise.resolve(); // until it is there
  let isMaking = false; // a record is being made: the item stays until it is known whether another has its name

  const itemOf = () => area.querySelector("[data-item]");
  const keyOf = () => itemOf()?.dataset.item || area.querySelector("[data-gone]")?.dataset.gone || "";
  const strip = () => [...progress.querySelectorAll("[data-at]")];
  const part = (name) => itemOf()?.querySelector(`[data-key="${CSS.escape(name)}"]`);

  // ``link``: where it leads to, and its words.
  function say(text, isBad, link) {
    said.textContent = link ? `${text} ` : text;
    if (link) said.append(Object.assign(document.createElement("a"), { className: "rd-link", href: link[0], textContent: link[1] }));
    said.classList.toggle("is-bad", Boolean(isBad));
  }

  function busy(by) {
    waiting += by;
    root.toggleAttribute("aria-busy", waiting > 0);
    if (waiting > 0) root.setAttribute("aria-busy", "true");
  }

  // One request at a time, in the order of the keys pressed: an item is loaded after the decision before it is stored.
  function inLine(ask) {
    const mine = sending.then(ask);
    sending = mine.catch(() => {});
    return mine;
  }

  const get = (url) => inLine(() => ask(url));

  async function ask(url) {
    const answer = await fetch(url, { headers: { "X-Requested-With": "XMLHttpRequest" }, credentials: "same-origin" });
    checkSession(answer);
    if (answer.redirected || !answer.ok) throw new Error(answer.status === 403 ? "You may not do this." : "The server did not answer as it should. Reload the page.");
    return answer;
  }

  // --- What is typed is kept until it is sent --------------------------------------------------------------------------
  const draftOf = (key) => address + key;

  function keep(form, isLeaving = false) {
    if (form?.matches("[data-item]")) drafts.save(draftOf(form.dataset.item), form, isLeaving ? [] : ["scope", "leave_out"]);
  }

  // The session is over: to the login, and back to the item that was decided last, with what was typed.
  let leaving = false;
  function checkSession(answer, key = "") {
    if (!drafts.isLogin(answer)) return;
    keep(itemOf(), true);
    const back = new URL(address + query, location.href);
    if (key || keyOf()) back.searchParams.set("at", key || keyOf());
    if (!leaving) drafts.toLogin(answer.url, back.pathname + back.search);
    leaving = true;
    throw new Error("Your session is over: log in again. What you typed is kept.");
  }

  function restored() {
    const form = itemOf();
    if (!form?.matches("form")) return 0;
    const count = drafts.restore(draftOf(form.dataset.item), form);
    if (count && form.querySelector("[data-panel=create]:not([data-fixed])") && [...form.querySelectorAll("[data-panel=create] input")].some((one) => one.value !== one.defaultValue)) open("create");
    const radio = form.querySelector("[name=scope]:checked");
    if (count && radio && radio.value !== "mention") reach(radio);
    return count;
  }

  // --- Several at once -------------------------------------------------------------------------------------------------
  const marked = new Set(); // keys of names that the next "n" is about

  function putProgress(html) {
    progress.innerHTML = html;
    showMarked();
  }

  function showMarked() {
    const form = progress.querySelector("[data-marked]");
    if (!form) return;
    form.hidden = !marked.size;
    form.querySelector("[data-marked-count]").textContent = String(marked.size);
    for (const old of form.querySelectorAll("[name=marked]")) old.remove();
    for (const value of marked) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "marked", value }));
    for (const one of strip()) one.toggleAttribute("data-is-marked", marked.has(one.dataset.at));
  }

  async function markOne() {
    const key = itemOf()?.dataset.item;
    if (!key) return;
    const most = Number(progress.querySelector("[data-marked]").dataset.marked);
    if (marked.size >= most && !marked.has(key)) return say(`Not marked: at most ${most} at once; n says that no record is wanted for them.`, true);
    if (!marked.delete(key)) marked.add(key);
    const isMarked = marked.has(key);
    showMarked();
    if (isMarked) await step(1);
    say(`${isMarked ? "Marked" : "Not marked any more"}; ${marked.size} marked${marked.size ? ": n says that no record is wanted for them" : ""}.`);
  }

  // --- Showing -------------------------------------------------------------------------------------------------------
  function load(key) {
    if (!loaded.has(key)) {
      const promise = get(address + key + "/" + query).then((answer) => answer.text());
      promise.catch(() => loaded.delete(key));
      loaded.set(key, promise);
    }
    return loaded.get(key);
  }

  function after(key, by = 1) {
    const keys = strip().map((one) => one.dataset.at).filter((one) => one === key || !decided.has(one));
    const at = keys.indexOf(key);
    return at < 0 ? keys[0] : keys[at + by];
  }

  // A decision about many settles what is alike: what comes next is the first item that it does not reach.
  function beyond(key, scope, also) {
    const here = strip().find((one) => one.dataset.at === key);
    if (!here) return undefined;
    const reached = (one) => also.includes(one.dataset.at) || (scope === "chain" ? one.dataset.place === here.dataset.place : scope !== "mention" && one.dataset.words === here.dataset.words);
    return strip().slice(strip().indexOf(here) + 1).find((one) => !decided.has(one.dataset.at) && !reached(one))?.dataset.at;
  }

  function mark(key) {
    for (const one of strip()) {
      if (one.dataset.at === key) one.setAttribute("aria-current", "true");
      else one.removeAttribute("aria-current");
    }
    progress.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  function put(html) {
    area.innerHTML = html;
    restored();
    area.focus({ preventScroll: true });
    if (area.getBoundingClientRect().top < 0) area.scrollIntoView({ block: "start" });
    tellReach();
  }

  // The bar of keys tells how far the next decision reaches: the choice itself may be out of view.
  function tellReach() {
    const now = root.querySelector("[data-now]");
    if (!now) return;
    const radio = itemOf()?.querySelector("[name=scope]:checked");
    const words = radio?.closest("label").textContent.replace(/\s+/g, " ").trim() || "this mention";
    now.textContent = words.replace(/^(always|its chain): .*?( \(\d[^)]*\))?$/, "$1$2");
    now.classList.toggle("is-wide", Boolean(radio) && radio.value !== "mention");
  }

  // A decision is about what is both shown and highlighted: on the way from one item to another nothing is decided.
  const LOADING = "Loading … Press it again when the item is there.";
  const held = () => (isMaking ? "Making the record …" : aim ? LOADING : "");

  function show(key) {
    if (!key) return undefined;
    const isUnderWay = Boolean(aim);
    aim = key;
    if (!isUnderWay) walking = walk();
    return walking;
  }

  // To the item aimed at: whoever aims further meanwhile passes over those between.
  async function walk() {
    busy(1);
    area.setAttribute("aria-busy", "true");
    try {
      for (let key = ""; key !== aim; ) {
        if (key) giveBack(key);
        key = aim;
        const html = await load(key);
        if (key !== aim) continue;
        put(html);
        loaded.delete(key); // seen anew, it is loaded anew
        mark(key);
        if (said.textContent === LOADING) say("");
      }
    } catch (error) {
      mark(keyOf());
      say(error.message, true);
    } finally {
      aim = "";
      area.removeAttribute("aria-busy");
      busy(-1);
    }
    ahead();
  }

  // Looked at and left undecided: a colleague may have it. What is shown or loaded ahead stays.
  function giveBack(key) {
    const token = root.querySelector("[name=csrfmiddlewaretoken]");
    if (!token || !key || key === keyOf() || decided.has(key)) return;
    loaded.delete(key);
    const data = new FormData();
    data.set("csrfmiddlewaretoken", token.value);
    data.set("visit", root.dataset.visit);
    data.set("key", key);
    post(address + "release/", data).catch(() => {});
  }

  // Past the last one shown ahead: the strip grows, and what was passed stays within reach.
  const shown = () => progress.querySelector("[data-shown]")?.dataset.shown || "";
  async function more() {
    const size = progress.querySelector("[data-more]")?.dataset.more;
    if (!size) return;
    busy(1);
    try {
      putProgress(await (await get(`${address}ahead/${query}${query ? "&" : "?"}shown=${size}`)).text());
      mark(keyOf());
    } finally {
      busy(-1);
    }
  }

  async function step(by) {
    const here = () => aim || keyOf();
    let next = after(here(), by);
    if (!next && by > 0) {
      await more();
      next = after(here(), by);
    }
    if (next && next !== here()) return moveTo(next);
    return say(by > 0 ? "This is the last one." : "This is the first one.");
  }

  async function moveTo(key) {
    const before = aim ? "" : itemOf()?.dataset.item;
    say(""); // what was said is about the item before
    await show(key);
    if (before !== after(keyOf())) giveBack(before);
  }

  function ahead() {
    const next = after(keyOf());
    if (next && next !== keyOf() && itemOf()?.querySelector("[data-key]")) load(next).catch(() => {});
  }

  // --- Deciding ------------------------------------------------------------------------------------------------------
  function post(url, data, key = "") {
    busy(1);
    if (shown()) data.set("shown", shown());
    const mine = inLine(async () => {
      const answer = await fetch(url, { method: "POST", body: data, headers: { "X-Requested-With": "XMLHttpRequest" }, credentials: "same-origin" });
      checkSession(answer, key);
      if (answer.redirected || !answer.ok) throw new Error(answer.status === 403 ? "You may not do this, or you logged in anew elsewhere. Reload the page: what you typed is kept." : "The server did not answer as it should. Reload the page.");
      return answer.json();
    });
    return mine.finally(() => busy(-1));
  }

  function arrived(answer) {
    putProgress(answer.progress);
    say(answer.said, !answer.ok, answer.href && [answer.href, answer.words]);
    mark(keyOf());
  }

  // "500 mentions", as the scope that is chosen says.
  const count = (form) => (form.querySelector("[name=scope]:checked")?.closest("label").querySelector("strong")?.textContent || "").replace(/[()]/g, "");

  async function send(form, button) {
    const key = form.dataset.item;
    if (decided.has(key)) return undefined;
    if (held()) return say(held());
    const data = new FormData(form, button);
    if (button.name === "entity") data.set("action", "choose");
    if (button.name === "twin") data.set("action", "create");
    if (form.dataset.warned) data.set("twin", "1");
    // A record of this name is on the page: a second one is made only if that is meant, by pressing once more.
    if (data.get("action") === "create" && button.dataset.twice && !form.dataset.warned && data.get("name") === form.elements.name.defaultValue) {
      form.dataset.warned = "yes";
      say(button.dataset.twice, true);
      part("1")?.scrollIntoView({ block: "center" });
      return undefined;
    }
    // Asked for here, so that nothing typed is lost.
    const missing = data.get("action") === "create" && ["name", "kind"].find((name) => !String(data.get(name) || "").trim());
    if (missing) {
      say(missing === "name" ? "A record needs a name." : "Say what it is: a person, a state, an organization or an agreement.", true);
      form.querySelector(`[name="${missing}"]`)?.focus();
      return undefined;
    }
    decided.add(key);
    keep(form, true);
    let known; // the answer, where the item had to wait for it
    if (data.get("action") === "create" && !data.has("twin")) {
      isMaking = true;
      say(held());
      try {
        known = await post(form.getAttribute("action"), data, key);
      } catch (error) {
        decided.delete(key);
        return say(error.message, true);
      } finally {
        isMaking = false;
      }
      if (known.open === Number(key)) {
        decided.delete(key);
        arrived(known);
        return askFirst(form, known.asks);
      }
    }
    const scope = data.get("scope") || "mention";
    const wide = scope !== "mention" || data.has("also");
    // What was left out comes next: whoever has just read its sentence knows what to say of it.
    const left = [...form.querySelectorAll("[name=leave_out][data-waits]:checked")].map((one) => one.dataset.waits);
    const out = wide ? left.find((one) => !decided.has(one)) : undefined;
    const next = out || (wide ? beyond(key, scope, data.getAll("also")) : after(key));
    const words = (one) => strip().find((each) => each.dataset.at === one)?.dataset.words;
    const isAlike = Boolean(out) || (words(key) !== undefined && words(key) === words(next));
    if (wide) for (const one of [...loaded.keys()]) if (one !== next) loaded.delete(one);
    if (wide) say(`Deciding${count(form) ? ` about ${count(form)}` : ""} …`);
    const shown = next && next !== key ? show(next) : Promise.resolve(put('<p class="rd-quiet cu-wait">…</p>'));
    try {
      const answer = known || (await post(form.getAttribute("action"), data, key));
      await shown;
      if (!answer.ok) decided.delete(key);
      else if (data.get("action") !== "skip") drafts.drop(draftOf(key));
      loaded.delete(key);
      arrived(answer);
      if (answer.open) await show(String(answer.open));
      else if (!itemOf()) await further();
      else {
        if (isAlike && answer.ok) await reachAnew(next).catch(() => {});
        ahead();
      }
    } catch (error) {
      decided.delete(key);
      await shown;
      say(error.message, true);
    }
    return undefined;
  }

  // A record has the name of the new one: it is offered, and Enter takes it.
  function askFirst(form, html) {
    const asks = form.querySelector("[data-asks]");
    asks.innerHTML = html;
    asks.querySelector("button")?.focus();
    asks.scrollIntoView({ block: "nearest" });
  }

  // Loaded before the decision about the same words was stored, the item counts too many that wait.
  async function reachAnew(key) {
    const html = await (await get(address + key + "/" + query)).text();
    const fresh = new DOMParser().parseFromString(html, "text/html").querySelector("[data-scope]");
    const field = itemOf()?.querySelector("[data-scope]");
    if (fresh && field?.querySelector("[name=scope]")?.checked && keyOf() === key) field.replaceWith(fresh);
  }

  // Where no item is in view: the first of the strip, or the page anew, which says that the queue is empty.
  async function further() {
    const next = strip().find((one) => !decided.has(one.dataset.at))?.dataset.at;
    if (next) return show(next);
    const page = new DOMParser().parseFromString(await (await get(address + query)).text(), "text/html");
    put(page.querySelector("[data-area]")?.innerHTML || "");
    putProgress(page.querySelector("[data-progress]")?.innerHTML || "");
    root.dataset.visit = page.querySelector("[data-curation]")?.dataset.visit || root.dataset.visit;
    return undefined;
  }

  async function quick(form) {
    const sent = [...decided];
    const gone = form.matches("[data-marked]") ? [...marked] : [];
    const data = new FormData(form);
    if (gone.length) data.set("note", itemOf()?.querySelector("[data-reason]")?.value || "");
    const before = gone.includes(keyOf()) ? "" : keyOf();
    try {
      const answer = await post(form.getAttribute("action"), data);
      if (gone.length) marked.clear();
      // All that was sent before is stored by now: what the strip still shows of it is open again.
      for (const key of sent) decided.delete(key);
      arrived(answer);
      loaded.clear();
      if (answer.open) {
        await show(String(answer.open));
      } else if (!itemOf() || !before) await further();
    } catch (error) {
      say(error.message, true);
    }
  }

  root.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("[data-item]")) {
      const button = event.submitter;
      if (!button || !button.name) return;
      event.preventDefault();
      send(form, button);
    } else if (form.matches("[data-quick]")) {
      event.preventDefault();
      quick(form);
    }
  });

  // --- Parts of an item ----------------------------------------------------------------------------------------------
  // A key opens a panel, or goes back into the open one; a second click closes it.
  function open(name, mayClose) {
    for (const panel of itemOf()?.querySelectorAll("[data-panel]:not([data-fixed])") || []) {
      panel.hidden = panel.dataset.panel !== name || (mayClose && !panel.hidden);
      if (!panel.hidden) {
        const first = panel.querySelector("input:not([type=hidden]):not([type=checkbox])");
        first?.focus();
        first?.select();
        panel.scrollIntoView({ block: "nearest" });
      }
    }
  }

  function widen() {
    const radios = [...(itemOf()?.querySelectorAll("[name=scope]") || [])];
    if (radios.length < 2) return say(itemOf().querySelector("[data-alone]")?.textContent || "");
    const next = radios[(radios.findIndex((one) => one.checked) + 1) % radios.length];
    next.checked = true;
    keep(itemOf());
    const shown = reach(next);
    // From here Tab goes to the sentences that can be left out.
    (next.value === "mention" ? area : itemOf().querySelector("[data-preview]")).focus({ preventScroll: true });
    return shown;
  }

  const aboutOf = (radio) => `The next decision is about ${radio.closest("label").innerText.trim().replace(/^always: /, "")}`;

  // The next of the sentences that can be left out.
  function leaveOut() {
    const boxes = [...itemOf().querySelectorAll("[name=leave_out]")];
    const next = boxes[(boxes.indexOf(document.activeElement) + 1) % boxes.length];
    next.focus();
    next.scrollIntoView({ block: "center" });
    say("Space leaves this one out; w goes to the next.");
  }

  async function reach(radio) {
    const field = radio.closest("[data-scope]");
    const preview = itemOf().querySelector("[data-preview]");
    say(aboutOf(radio));
    tellReach();
    preview.hidden = radio.value === "mention";
    preview.innerHTML = "";
    if (preview.hidden) return;
    try {
      const html = await (await get(`${field.dataset.reach}?scope=${encodeURIComponent(radio.value)}`)).text();
      if (!radio.checked) return;
      preview.innerHTML = html;
      drafts.restore(draftOf(keyOf()), itemOf()); // what was left out before
      // Counted anew: the item was loaded before the last decision was stored.
      recount(radio);
      const next = beyond(keyOf(), radio.value, []);
      if (next) load(next).catch(() => {});
    } catch (error) {
      say(error.message, true);
    }
  }

  // As many sentences as the page holds; what was ticked, or not, stays so, and one goes on at the first that is new.
  async function reachAll() {
    const radio = itemOf().querySelector("[name=scope]:checked");
    const preview = itemOf().querySelector("[data-preview]");
    const boxes = () => [...preview.querySelectorAll("[name=leave_out]")];
    const url = `${radio.closest("[data-scope]").dataset.reach}?scope=${encodeURIComponent(radio.value)}&all=1`;
    const html = await (await get(url)).text();
    if (!preview.isConnected || !radio.checked) return;
    const before = new Map(boxes().map((one) => [one.value, one.checked]));
    preview.innerHTML = html;
    for (const one of boxes()) if (before.has(one.value)) one.checked = before.get(one.value);
    recount(radio);
    boxes().find((one) => !before.has(one.value))?.focus();
  }

  // What was left out in the preview is not decided.
  function recount(radio) {
    const list = itemOf().querySelector("[data-total]");
    const strong = radio?.closest("label").querySelector("strong");
    if (!list || !strong) return;
    const count = Number(list.dataset.total) - list.querySelectorAll("[name=leave_out]:checked").length;
    strong.textContent = `(${count} mention${count === 1 ? "" : "s"})`;
    tellReach();
  }

  let timer = 0;
  let asked = 0;
  async function find(input) {
    const mine = ++asked;
    const panel = input.closest("[data-find]");
    const q = input.value;
    const answer = await get(`${panel.dataset.find}?q=${encodeURIComponent(q)}`);
    const html = await answer.text();
    if (mine !== asked) return;
    const hits = panel.querySelector("[data-hits]");
    hits.innerHTML = html;
    panel.dataset.found = q;
    // The search is at the end of the item: its first hits come into view with it.
    [...hits.querySelectorAll("li")].slice(0, 3).at(-1)?.scrollIntoView({ block: "nearest" });
  }

  // Enter may come before the answer: what was found for other words is never chosen in its place.
  async function firstHit(input) {
    const panel = input.closest("[data-find]");
    clearTimeout(timer);
    if (panel.dataset.found !== input.value) await find(input);
    if (panel.dataset.found === input.value && document.activeElement === input) panel.querySelector("[data-hits] button")?.focus();
  }

  area.addEventListener("input", (event) => {
    if (!event.target.matches("[data-q]")) return;
    const panel = event.target.closest("[data-find]");
    delete panel.dataset.found;
    panel.querySelector("[data-hits]").innerHTML = '<p class="rd-quiet">Searching …</p>';
    clearTimeout(timer);
    timer = setTimeout(() => find(event.target).catch((error) => say(error.message, true)), 200);
  });
  for (const sort of ["input", "change"]) area.addEventListener(sort, (event) => keep(event.target.closest("form")));
  area.addEventListener("input", (event) => {
    if (event.target.matches("[name=name], [name=kind]")) event.target.form.querySelector("[data-asks]").innerHTML = "";
  });
  area.addEventListener("change", (event) => {
    if (event.target.matches("[name=scope]")) reach(event.target);
    if (event.target.matches("[name=leave_out]")) {
      const radio = itemOf().querySelector("[name=scope]:checked");
      const left = itemOf().querySelectorAll("[name=leave_out]:checked").length;
      if (radio) recount(radio);
      say(radio ? aboutOf(radio) : left ? `${left} left out: the others are linked.` : "Nothing is left out.");
    }
  });
  root.addEventListener("click", (event) => {
    const link = event.target.closest("[data-at]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      if (isMaking) say(held());
      else moveTo(link.dataset.at);
    } else if (event.target.closest("[data-reach-all]")) reachAll().catch((error) => say(error.message, true));
    else if (event.target.closest("[data-opens]")) open(event.target.closest("[data-opens]").dataset.opens, event.detail > 0);
    else if (event.target.closest("[data-clicks]")) press(part(event.target.closest("[data-clicks]").dataset.clicks));
  });

  // Why a key does nothing. A digit stands for one of the records shown, and there may be fewer, or none.
  function missing(key) {
    if (!/[1-9]/.test(key) || !part("/")) return `There is no ${key} here; ? lists the keys.`;
    const shown = itemOf().querySelectorAll(".cu-number").length;
    if (!shown) return "No record is offered here: / searches for one.";
    return `There ${shown === 1 ? "is only 1 record" : `are only ${shown} records`} here: / searches for another one.`;
  }

  function press(control) {
    if (!control) return;
    if (control.matches("a[target]")) control.click();
    else if (control.matches("a")) location.assign(control.href);
    else if (control.matches("input[type=checkbox]")) {
      control.click();
      say(control.checked ? control.dataset.yes : control.dataset.no);
    } else if (control.matches("input")) {
      control.focus();
      control.select();
    } else control.click();
  }

  // --- Keys ----------------------------------------------------------------------------------------------------------
  const leave = (field) => {
    const panel = field.closest("[data-panel]");
    if (panel && !("fixed" in panel.dataset)) panel.hidden = true;
    area.focus({ preventScroll: true });
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    const field = event.target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select");
    if (event.key === "Escape" && root.contains(event.target)) {
      const panel = event.target.closest("[data-panel]") || itemOf()?.querySelector("[data-panel]:not([hidden], [data-fixed])");
      leave(panel?.querySelector("input") || event.target);
      return;
    }
    // In a search the arrows go through what was found, and back into the field.
    const found = event.target.closest("[data-find], [data-asks]");
    if (found && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      const stops = [found.querySelector("[data-q]"), ...found.querySelectorAll("[data-hits] button, [data-asks] button")].filter(Boolean);
      stops[stops.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1)]?.focus();
      event.preventDefault();
      return;
    }
    if (field) {
      if (event.key !== "Enter" || !area.contains(field)) return;
      // Enter never decides by chance: in the reason it goes back, in a search it goes to the first hit.
      event.preventDefault();
      if (field.matches("[data-q]")) firstHit(field).catch((error) => say(error.message, true));
      else if (field.closest("[data-panel]")) field.closest("[data-panel]").querySelector("[data-submit]")?.click();
      else leave(field);
      return;
    }
    if (event.repeat && !"jk".includes(event.key)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : "";
    if (!key || key === " ") return;
    if (held() && (isMaking || !"jkubf0".includes(key))) {
      say(held());
      event.preventDefault();
      return;
    }
    if (key === "j" || key === "k") step(key === "j" ? 1 : -1).catch((error) => say(error.message, true));
    else if (key === "x" && progress.querySelector("[data-marked]")) markOne();
    else if (key === "n" && marked.size) progress.querySelector("[data-marked]").requestSubmit();
    else if (key === "u") {
      const form = progress.querySelector("[data-undo]");
      if (form) form.requestSubmit();
      else say("There is nothing to take back.");
    } else if (key === "b") {
      const form = progress.querySelector("[data-bring]");
      if (form) form.requestSubmit();
      else say("Nothing was skipped.");
    } else if (key === "f") {
      const filters = root.querySelector("[data-filters]");
      filters.open = true;
      filters.scrollIntoView({ block: "nearest" }); // with the labels
      filters.querySelector("select").focus({ preventScroll: true });
    } else if (key === "0") {
      const clear = root.querySelector("[data-clear]");
      if (clear) location.assign(clear.href);
      else say("No filter is in use.");
    } else if (key === "w" && itemOf()?.querySelector("[data-scope]")) widen();
    else if (key === "w" && itemOf()?.querySelector("[name=leave_out]")) leaveOut();
    else if (key === "t") itemOf()?.querySelector("[data-reason]")?.focus();
    else {
      const sentence = key === "o" && event.target.closest("[data-sentence]");
      const control = sentence ? sentence.querySelector("a[target]") : part(key);
      if (!control) {
        if (itemOf()) say(missing(key));
        return;
      }
      press(control);
    }
    event.preventDefault();
  });

  // What is open is given back when the page is left, so that a colleague gets it at once.
  window.addEventListener("pagehide", () => {
    const token = root.querySelector("[name=csrfmiddlewaretoken]");
    if (!token) return;
    const data = new FormData();
    data.set("csrfmiddlewaretoken", token.value);
    data.set("visit", root.dataset.visit);
    navigator.sendBeacon(address + "release/", data);
  });

  const begin = () => {
    if (!root.contains(document.activeElement)) area.focus({ preventScroll: true });
    if (restored()) say("What you had typed is here again. Nothing is decided yet.");
    ahead();
  };
  if (document.readyState === "complete") begin();
  else window.addEventListener("load", begin);
})();
