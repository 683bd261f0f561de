// Shows the verdict on the pages that are being written, while `proofread serve` runs.
(() => {
  if (window.proofread) return;
  window.proofread = true;
  const box = document.createElement("section");
  box.setAttribute("aria-live", "polite");
  box.setAttribute("aria-label", "Proof of the page being written");
  box.hidden = true;
  box.style.cssText =
    "position:fixed;right:1rem;bottom:1rem;z-index:99;max-width:min(46rem,calc(100vw - 2rem));" +
    "max-height:60vh;overflow:auto;padding:.6rem .9rem;border-radius:.3rem;font:14px/1.5 monospace;" +
    "box-shadow:0 2px 12px #0006;white-space:pre-wrap;color:#fff";
  const colours = { proving: "#37474f", refused: "#8e1b1b", proven: "#1b5e20", new: "#1b5e20" };
  const words = {
    proving: "Proving",
    refused: "Not proven:",
    proven: "Proven:",
    new: "The site is new.",
  };
  const show = ({ state, pages, text }) => {
    box.hidden = false;
    box.dataset.state = state;
    box.style.background = colours[state];
    box.textContent = [[words[state], ...pages].join(" "), text].filter(Boolean).join("\n\n");
    document.body.append(box);
  };
  const events = new EventSource("/-/proofread/events");
  events.onmessage = (event) => {
    const verdict = JSON.parse(event.data);
    show(verdict);
    if (verdict.state === "new") location.reload();
  };
})();
