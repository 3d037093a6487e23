/* The first page follows an integrity check that was asked for: its part alone is fetched anew until it is done. Without this
   script a reload tells the same. */
document.addEventListener("DOMContentLoaded", () => {
  "use strict";
  const PAUSE = 5000;
  const shown = () => document.querySelector("[data-inspection]");

  async function follow() {
    if (!shown()?.hasAttribute("data-asked")) return;
    try {
      const answer = document.hidden ? null : await fetch("?part=inspection", { headers: { "X-Requested-With": "XMLHttpRequest" }, credentials: "same-origin" });
      if (answer?.redirected) return; // the session is over
      const fresh = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-inspection]");
      if (fresh && fresh.textContent !== shown().textContent) {
        shown().toggleAttribute("data-asked", fresh.hasAttribute("data-asked"));
        shown().replaceChildren(...fresh.childNodes); // the region stays, so that it is read out
      }
    } catch { /* the network is away: try again */ }
    setTimeout(follow, PAUSE);
  }
  setTimeout(follow, PAUSE);
});
