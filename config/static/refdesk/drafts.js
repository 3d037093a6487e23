/* What was typed and chosen outlives a session that ran out: it is kept in the tab's own storage, for the user who typed
   it, until it is sent. Without this script forms work as before, and what was typed is lost with the session. */
window.refdeskDrafts = (() => {
  "use strict";
  const NEVER = ["csrfmiddlewaretoken", "was_aside"];
  const user = () => document.querySelector("[data-user]")?.dataset.user || "";
  const nameOf = (key) => `refdesk:${user()}:${key}`;
  const fields = (form) => [...form.elements].filter((one) => one.name && !NEVER.includes(one.name) && !["hidden", "submit", "button"].includes(one.type) && !one.matches("[data-q]"));
  const ticks = (field) => field.type === "radio" || field.type === "checkbox";

  // A full or forbidden storage is no reason to keep anybody from deciding.
  function stored(work) {
    try {
      return work(window.sessionStorage);
    } catch {
      return null;
    }
  }

  // ``without``: names of fields that are chosen anew each time.
  function save(key, form, without = []) {
    const kept = fields(form)
      .filter((one) => !without.includes(one.name))
      .filter((one) => (ticks(one) ? one.checked !== one.defaultChecked : one.tagName === "SELECT" ? ![...one.options].find((option) => option.selected)?.defaultSelected : one.value !== one.defaultValue))
      .map((one) => (ticks(one) ? [one.name, one.value, one.checked] : [one.name, one.value]));
    stored((storage) => (kept.length ? storage.setItem(nameOf(key), JSON.stringify(kept)) : storage.removeItem(nameOf(key))));
    return kept.length;
  }

  const drop = (key) => stored((storage) => storage.removeItem(nameOf(key)));

  // The number of fields that were filled in again; ``missing`` is given what was ticked and is not on the page now.
  function restore(key, form, missing = () => {}) {
    const kept = JSON.parse(stored((storage) => storage.getItem(nameOf(key))) || "[]");
    let count = 0;
    for (const [name, value, checked] of kept) {
      const field = fields(form).find((one) => one.name === name && (checked === undefined ? !ticks(one) : ticks(one) && one.value === value));
      if (!field) {
        if (checked) missing(name, value);
        continue;
      }
      count += 1;
      if (checked === undefined) field.value = value;
      else field.checked = checked;
    }
    return count;
  }

  // To the login, and from there back to where one was.
  function toLogin(answerUrl, back) {
    const login = new URL(answerUrl, location.href);
    login.searchParams.set("next", back);
    location.assign(login.pathname + login.search);
  }

  const isLogin = (answer) => answer.redirected && new URL(answer.url).searchParams.has("next");

  // A page that answers a form may stand at an address that cannot be opened again: then the form says where it is.
  const pageOf = (form) => form.dataset.back || location.pathname + location.search;

  // Send a form by a page load; where the session is over, keep it first and go to the login.
  async function submit(form, button, alive, key) {
    const answer = await fetch(alive, { credentials: "same-origin", cache: "no-store" }).catch(() => null);
    if (answer && isLogin(answer)) {
      save(key, form);
      toLogin(answer.url, pageOf(form) + location.hash);
      return;
    }
    if (button?.name) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: button.name, value: button.value }));
    form.submit();
  }

  return { save, drop, restore, toLogin, isLogin, submit, pageOf };
})();
