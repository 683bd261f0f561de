// What the copy button yields is what a reader can run.
"use strict";
{
  const language = (block) => block.className.match(/\blanguage-(\S+)/)?.[1];

  // `$ python main.py \` goes on in the next line; any other line under a command is its output.
  const commands = (text) => {
    const kept = [];
    let unfinished = false;
    for (const line of text.split("\n")) {
      if (!unfinished && !line.startsWith("$ ")) continue;
      kept.push(unfinished ? line.replace(/^> /, "") : line.slice(2));
      unfinished = line.endsWith("\\");
    }
    return kept.join("\n");
  };

  const typed = (text) =>
    text
      .split("\n")
      .filter((line) => /^(>>>|\.\.\.)( |$)/.test(line))
      .map((line) => line.slice(4))
      .join("\n");

  const request = (text) => {
    const lines = text.split("\n");
    const end = lines.findIndex((line) => line.startsWith("HTTP/"));
    return (end < 0 ? lines : lines.slice(0, end)).join("\n");
  };

  // `x = 1  # (1)!` is an annotation. The theme replaces its number, or with `!` the whole comment, by a button.
  const DRAWN = "\u0000";
  const MARKER = new RegExp(`[ \\t]*(?:(?:#|//|--|;)[ \\t]*\\(\\d+\\)!|(?:(?:#|//|--|;)[ \\t]*)?${DRAWN})[ \\t]*$`, "gm");

  const RUNNABLE = { console: commands, pycon: typed, http: request };

  const written = (code) => {
    const copy = code.cloneNode(true);
    for (const button of copy.querySelectorAll(".md-annotation")) button.replaceWith(DRAWN);
    for (const added of copy.querySelectorAll(".md-code__nav")) added.remove();
    return copy.textContent.replace(MARKER, "");
  };

  const runnable = (block, code) => (RUNNABLE[language(block)] ?? String)(written(code)).trimEnd();

  const prepare = (block) => {
    const code = block.querySelector("pre > code");
    if (!code) return;
    if (language(block) === "http") {
      for (const anchor of code.querySelectorAll("a[id]")) {
        const line = document.createRange();
        line.setStartAfter(anchor);
        line.setEndAfter(code.lastChild);
        if (!line.toString().startsWith("HTTP/")) continue;
        anchor.classList.add("http-response");
        break;
      }
    }
  };

  for (const block of document.querySelectorAll("div.highlight")) prepare(block);

  // At the click and before the theme reads it: by then annotations are drawn, and nothing can come in between.
  document.addEventListener(
    "click",
    (event) => {
      const button = event.target.closest?.(".md-code__button[data-clipboard-target]");
      const code = button && document.querySelector(button.dataset.clipboardTarget);
      const block = code?.closest("div.highlight");
      if (block) code.parentElement.dataset.copy = runnable(block, code);
    },
    { capture: true },
  );
}
