// A choice of a tab holds for the whole page and for the next one, however it was made.
"use strict";
{
  const TAB = ".tabbed-set > input";
  const name = (input) => document.querySelector(`label[for="${CSS.escape(input.id)}"]`)?.textContent.trim();
  const named = (wanted) => [...document.querySelectorAll(TAB)].filter((input) => name(input) === wanted);
  const folded = (input) => input.closest("details:not([open])");

  // The theme reads a tab's name from the screen: what is folded away, it takes for nameless.
  const fold = (chosen) => {
    for (const input of named(chosen)) if (folded(input)) input.checked = true;
  };

  // A link to a tab is the choice of that tab.
  const follow = () => {
    const input = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!input?.matches(TAB)) return;
    for (let around = folded(input); around; around = folded(input)) around.open = true;
    for (const other of named(name(input))) {
      if (folded(other)) continue;
      // The theme hears of a tab when it changes.
      other.checked = false;
      other.click();
    }
    fold(name(input));
    // It may not listen yet.
    __md_set("__tabs", [...new Set([name(input), ...(__md_get("__tabs") || [])])]);
    input.scrollIntoView();
  };

  addEventListener("hashchange", follow);
  addEventListener("load", follow);
  addEventListener("change", (event) => event.target.matches?.(TAB) && fold(name(event.target)));
  for (const chosen of [...(__md_get("__tabs") || [])].reverse()) fold(chosen);
}
