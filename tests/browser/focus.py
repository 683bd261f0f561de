"""What the Tab key reaches, and whether a reader sees where it is."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.async_api import Page

REACHABLE = """() => {
  const wanted = "a[href], button, input, select, textarea, summary, [tabindex]";
  window.reachable = [...document.querySelectorAll(wanted)].filter((element) => {
    if (element.tabIndex < 0 || element.disabled) return false;
    return element.checkVisibility({ visibilityProperty: true });
  });
  // Of each group of radio buttons the arrows reach the others.
  window.reachable = window.reachable.filter(
    (element) => element.type !== "radio" || element.checked || !element.name,
  );
  return reachable.length;
}"""
FOCUSED = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  // What is drawn for a radio button: its label, or as for the colours the label of the next one.
  const drawn = [...element.labels || [], element.nextElementSibling];
  const mark = element.type === "radio" && drawn.find((one) => one?.checkVisibility()) || element;
  const box = mark.getBoundingClientRect();
  const named = element.className.replace("focus-visible", "").trim();
  return {
    at: reachable.indexOf(element),
    name: element.outerHTML.slice(0, 120),
    text: (element.ariaLabel || element.title || mark.textContent).trim(),
    kind: named || element.type || element.localName,
    box: [box.x, box.y, box.width, box.height],
  };
}"""


@dataclass(frozen=True, slots=True)
class Stop:
    """Where the Tab key has led."""

    name: str
    text: str
    kind: str
    visible: bool


async def walk(page: Page) -> tuple[list[Stop], list[str]]:
    """All stops from the top of the page to its end, and what was left out."""
    number = await page.evaluate(REACHABLE)
    stops: list[Stop] = []
    reached: set[int] = set()
    while True:
        await page.keyboard.press("Tab")
        found = await page.evaluate(FOCUSED)
        if found is None or found["at"] in reached:
            break
        reached.add(found["at"])
        visible = await _seen(page, found["box"])
        stops.append(Stop(found["name"], found["text"], found["kind"], visible))
    # Some are there only for a while, as the way back to the top.
    gone = await page.evaluate("reachable.flatMap((one, at) => (one.tabIndex < 0 ? [at] : []))")
    missed = sorted(set(range(number)) - reached - set(gone))
    names = await page.evaluate(
        "all => all.map(at => reachable[at].outerHTML.slice(0, 120))", missed
    )
    return stops, names


async def _seen(page: Page, box: list[float]) -> bool:
    """Whether anything around it looks otherwise than without the focus."""
    x, y, width, height = box
    size = page.viewport_size or {"width": 0, "height": 0}
    left, top = max(x - 6, 0), max(y - 6, 0)
    right, bottom = min(x + width + 6, size["width"]), min(y + height + 6, size["height"])
    if right <= left or bottom <= top:
        return False  # out of sight
    area = {"x": left, "y": top, "width": right - left, "height": bottom - top}
    focused = await page.screenshot(clip=area, animations="disabled", caret="initial")
    await page.evaluate("() => { window.focused = document.activeElement; focused.blur(); }")
    plain = await page.screenshot(clip=area, animations="disabled", caret="initial")
    await page.evaluate("focused.focus({ preventScroll: true })")
    return bool(focused != plain)
