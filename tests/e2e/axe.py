"""What axe finds wrong with a page, without what Streamlit draws so."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
WORST = {"serious", "critical"}
UPSTREAM = (
    # A chosen pill is written in the primary color on a tint of it. On dark ground no color does
    # for that (4.5 to 1 asks for a luminance above 0.24) and below a button's white (under 0.19).
    ("color-contrast", '[data-selected="true"]'),
    # The sidebar scrolls by itself; axe at times looks before its links are there.
    ("scrollable-region-focusable", '[data-testid="stSidebarContent"]'),
)
"""Rule and element, or what it lies in, of what Streamlit draws so and we cannot draw otherwise."""

LIES_IN = "([target, part]) => document.querySelector(target)?.closest(part) != null"


def findings(tab: Page) -> list[str]:
    """Return what is found twice: what was only there while a page was drawn anew is no finding."""
    return found_now(tab) and found_now(tab)


def found_now(tab: Page) -> list[str]:
    """Return what axe finds seriously wrong with the page as it stands, upstream's left out.

    Where an element lies is asked of the page: the shortest selector, which axe names it by, need
    not say it.
    """
    found: list[dict[str, Any]] = Axe().run(tab, options=WCAG).response["violations"]
    nodes = [(rule["id"], n) for rule in found if rule["impact"] in WORST for n in rule["nodes"]]
    return [
        f"{rule} {node['target']}: {node['html'][:200]} {node['failureSummary']}"
        for rule, node in nodes
        if not any(
            rule == name
            and (part in node["target"][0] or tab.evaluate(LIES_IN, [node["target"][0], part]))
            for name, part in UPSTREAM
        )
    ]
