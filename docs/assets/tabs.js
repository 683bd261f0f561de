// A link to a tab is the choice of that tab: the other sets follow, and the next page remembers it.
"use strict";
{
  const named = (input) => document.querySelector(`label[for="${CSS.escape(input.id)}"]`);

  const follow = () => {
    const input = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!input?.matches(".tabbed-set > input")) return;
    const name = named(input)?.textContent.trim();
    for (const other of document.querySelectorAll(".tabbed-set > input")) {
      const label = named(other);
      if (label?.textContent.trim() !== name) continue;
      // The theme hears of a tab when it changes.
      other.checked = false;
      label.click();
    }
    // It may not listen yet.
    __md_set("__tabs", [...new Set([name, ...(__md_get("__tabs") || [])])]);
    input.scrollIntoView();
  };

  addEventListener("hashchange", follow);
  addEventListener("load", follow);
}
