/* Redoc asks a foreign host for its maker's logo; our pages ask nobody. Loaded before it. */
(() => {
  "use strict";
  const isForeign = (value) => /^https?:/i.test(String(value));
  const setAttribute = Element.prototype.setAttribute;
  Element.prototype.setAttribute = function (name, value) {
    if (!(this.tagName === "IMG" && name === "src" && isForeign(value))) setAttribute.call(this, name, value);
  };
  const source = Object.getOwnPropertyDescriptor(HTMLImageElement.prototype, "src");
  Object.defineProperty(HTMLImageElement.prototype, "src", {
    ...source,
    set(value) {
      if (!isForeign(value)) source.set.call(this, value);
    },
  });
})();
