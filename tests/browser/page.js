// What is asked of a page, from within: `window.ask` is there before its own scripts run.
"use strict";
window.ask = {
  // The blocks as they were sent: nothing that a script has drawn.
  shown: async () => {
    const sent = await (await fetch(location.href)).text();
    const page = new DOMParser().parseFromString(sent, "text/html");
    return [...page.querySelectorAll("pre > code")].map((code) => code.textContent);
  },

  // What each button from the first on puts into the clipboard; null where there is none, or nothing comes.
  // A click counts as one of the reader for five seconds.
  copies: (first) => {
    const until = performance.now() + 1000;
    let copied = null;
    const listen = () => {
      const area = document.activeElement;
      copied = area?.value?.slice(area.selectionStart, area.selectionEnd) ?? String(getSelection());
    };
    document.addEventListener("copy", listen);
    const some = [];
    for (const code of [...document.querySelectorAll("pre > code")].slice(first)) {
      copied = null;
      document.querySelector(`[data-clipboard-target="#${code.parentElement.id} > code"]`)?.click();
      some.push(copied);
      if (performance.now() > until) break;
    }
    document.removeEventListener("copy", listen);
    return some;
  },

  ready: () => {
    const tabs = [...document.querySelectorAll(".tabbed-labels")];
    const blocks = document.querySelectorAll("pre > code").length;
    return (
      tabs.every((labels) => labels.matches(".tabbed-labels--linked")) &&
      document.querySelectorAll("[data-clipboard-target]").length >= blocks
    );
  },

  // All tabs and all details at once: what is hidden must fit as well.
  unfold: (unfolded) => {
    const style = document.querySelector("style#unfolded") ?? document.createElement("style");
    style.id = "unfolded";
    style.textContent = unfolded ? ".tabbed-block { display: block !important }" : "";
    document.head.append(style);
    for (const details of document.querySelectorAll("details")) details.open = unfolded;
  },

  // By how many pixels the page is wider than the window, and what sticks out.
  overflow: () => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return null;
    const scrolls = (element) =>
      element && (getComputedStyle(element).overflowX !== "visible" || scrolls(element.parentElement));
    const wide = [...document.body.querySelectorAll("*")].filter(
      (element) => element.getBoundingClientRect().right > clientWidth + 0.5,
    );
    const free = wide.filter((element) => element.tagName !== "HTML" && !scrolls(element.parentElement?.closest("body *")));
    const named = (free.length ? free : wide).slice(-3).map((element) => element.outerHTML.slice(0, 100));
    return `${scrollWidth - clientWidth} px too wide: ${named.join(" | ")}`;
  },

  sets: () =>
    [...document.querySelectorAll(".tabbed-set")].map((set) => {
      const labels = [...set.querySelectorAll(":scope > .tabbed-labels > label")];
      const inputs = [...set.querySelectorAll(":scope > input")];
      const blocks = [...set.querySelector(":scope > .tabbed-content").children];
      return {
        labels,
        names: labels.map((label) => label.textContent.trim()),
        paired: labels.length === blocks.length && labels.every((label, at) => label.control === inputs[at]),
        shown: () => blocks.flatMap((block, at) => (getComputedStyle(block).display === "none" ? [] : [at])),
      };
    }),

  // Which sets do not show this tab although they have it, and how many do.
  showing: (name) => {
    const having = ask.sets().filter((set) => set.names.includes(name));
    const wrong = having.filter((set) => String(set.shown()) !== String(set.names.indexOf(name)));
    return { asked: having.length, wrong: wrong.map((set) => `${set.names} shows ${set.shown().map((at) => set.names[at])}`) };
  },

  // Clicks each name once, in one set after the other; the last one is not a set's first.
  switching: async () => {
    const sets = ask.sets();
    const problems = sets.filter((set) => !set.paired).map((set) => `a label of ${set.names} leads elsewhere`);
    const names = [...new Set(sets.flatMap((set) => set.names))].reverse();
    if (names.length > 1) names.push(names[0]);
    let last = null;
    for (const [at, name] of names.entries()) {
      const having = sets.filter((set) => set.names.includes(name));
      const set = having[at % having.length];
      const label = set.labels[set.names.indexOf(name)];
      for (let around = label; (around = around.closest("details:not([open])")); ) around.open = true;
      label.click();
      const until = performance.now() + 5000;
      while (ask.showing(name).wrong.length && performance.now() < until) await new Promise((next) => setTimeout(next, 20));
      problems.push(...ask.showing(name).wrong.map((wrong) => `after a click on ${name}, ${wrong}`));
      last = name;
    }
    return { problems, clicks: names.length, last };
  },
};
