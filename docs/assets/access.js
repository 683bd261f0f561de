// What the theme leaves out for those who use keys, or hear a page.
"use strict";
{
  // On a phone, and where a page is enlarged as much, menu and search are labels, which no key reaches.
  const opens = (name, said) => {
    const toggle = document.getElementById(name);
    const button = document.querySelector(`label.md-header__button[for="${name}"]`);
    if (!toggle || !button) return;
    button.tabIndex = 0;
    button.setAttribute("role", "button");
    button.setAttribute("aria-label", said);
    button.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      event.stopPropagation(); // the theme clicks a label as well, which would take it back
      toggle.click();
    });
    addEventListener("keydown", (event) => {
      if (event.key === "Escape" && toggle.checked) toggle.click();
    });
  };
  opens("__drawer", "Menu");
  opens("__search", "Search");
  document.querySelector(".md-search")?.setAttribute("aria-label", "Search");

  // The theme draws a landmark around each copy button: a page has dozens, and they lead nowhere.
  const plain = () => {
    for (const drawn of document.querySelectorAll(".md-code__nav:not([role])")) drawn.setAttribute("role", "none");
  };
  new MutationObserver(plain).observe(document.body, { childList: true, subtree: true });
  plain();
}
