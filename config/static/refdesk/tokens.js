/* A new token is shown once: it has the focus and is marked, so that Ctrl C takes it; so does the button behind it. */
document.addEventListener("DOMContentLoaded", () => {
  "use strict";
  const field = document.querySelector("[data-token]");
  if (!field) return;
  const said = document.querySelector("[data-copied]");

  // Where there is no clipboard to write to (a page without HTTPS), the older way, which wants the text marked.
  async function copy() {
    field.focus();
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      return true;
    } catch {
      return document.execCommand("copy");
    }
  }
  const button = document.querySelector("[data-copy]");
  button.addEventListener("click", async () => {
    const isCopied = await copy();
    said.textContent = isCopied ? "Copied." : "It is marked: Ctrl C copies it.";
    if (isCopied) button.focus();
  });

  const begin = () => { field.focus(); field.select(); };
  if (document.readyState === "complete") begin();
  else window.addEventListener("load", () => setTimeout(begin)); // Unfold shows the page a moment later
});
