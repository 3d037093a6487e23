/* The login begins in its first empty field. Unfold hides the page until its own scripts are through, and what is hidden
   takes no focus. */
(() => {
  "use strict";
  const begin = () => {
    if (document.activeElement !== document.body) return;
    const fields = [...document.querySelectorAll("#login-form input:not([type=hidden])")];
    (fields.find((one) => !one.value) || fields[0])?.focus();
  };
  if (document.readyState === "complete") begin();
  else window.addEventListener("load", () => setTimeout(begin));
})();
