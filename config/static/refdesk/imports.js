// Follows an import that runs: its figures are fetched anew until it is over. Without this script the page stands still.
// The admin loads it in the head: it begins when the page is there.
document.addEventListener("DOMContentLoaded", () => {
  "use strict";
  const PAUSE = 2000;
  const page = document.querySelector("[data-import]");
  const form = document.querySelector("[data-import-form]");

  // A large file takes a while: one press sends it once.
  form?.addEventListener("submit", () => {
    const button = form.querySelector("button");
    button.disabled = true;
    button.textContent = "Sending…";
  });

  async function follow() {
    const shown = page.querySelector("[data-import-figures]");
    if (!shown?.hasAttribute("data-import-open")) return;
    try {
      const answer = await fetch("?fragment=1", { headers: { "X-Requested-With": "fetch" } });
      if (answer.ok && !answer.redirected) {
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-import-figures]");
        if (fresh) shown.replaceWith(fresh);
        // What can be done now is another: the whole page says it.
        if (fresh && !fresh.hasAttribute("data-import-open")) return location.reload();
      }
    } catch { /* the network is away: try again */ }
    setTimeout(follow, PAUSE);
  }
  if (page) setTimeout(follow, PAUSE);
});
