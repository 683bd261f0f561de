"""axe finds nothing on a page of each kind, by day and by night."""

from __future__ import annotations

from importlib.resources import files
from typing import Any, Literal

import pytest
from playwright.async_api import Browser
from tests.browser.searching import PATIENCE

pytestmark = pytest.mark.anyio

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
# The proof has thousands of rows that are all alike, and axe would look at them for minutes.
FEWER_ROWS = (
    "for (const row of document.querySelectorAll('tbody > :nth-child(n+100)')) row.remove()"
)
KINDS = (
    "index",
    "404",
    "glossary",
    "proof",
    "tutorial/hand-over-the-receipt",
    "guides/attach-to-a-response",
    "guides/choose",
    "frameworks/fastapi",
    "recipes/send-a-welcome-e-mail",
    "pitfalls/errors-nobody-sees",
    "exercises/register-a-user",
    "what-happens-when/index",
    "what-happens-when/client-leaves-mid-stream",
    "explanation/how-fast-is-it",
    "explanation/coverage",
    "reference/tasks",
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing(
    browser: Browser, address: str, scheme: Literal["light", "dark"]
) -> None:
    context = await browser.new_context(color_scheme=scheme, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    page = await context.new_page()
    violations: list[str] = []
    for kind in KINDS:
        await page.goto(f"{address}/{kind}.html")
        await page.evaluate(FEWER_ROWS)
        await page.evaluate(AXE)
        found = await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
        assert found["passes"], kind
        violations += [f"{kind}, {scheme}: {_said(violation)}" for violation in found["violations"]]
    await context.close()
    assert not violations, "\n".join(violations)


def _said(violation: dict[str, Any]) -> str:
    nodes = violation["nodes"]
    shown = [f"    {node['html'][:160]}\n      {node['failureSummary']}" for node in nodes[:3]]
    return "\n".join([f"{violation['id']} ({len(nodes)}): {violation['help']}", *shown])
