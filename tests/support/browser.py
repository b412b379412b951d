"""A real browser for the journeys: Debian's Chromium, driven by Playwright.

`tests/journeys/conftest.py` imports the fixtures. Without Chromium the journeys are skipped and say so; with
CI=true its absence is a failure.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
]
HEIGHTS = {1440: 900, 390: 844, 320: 640}
SCHEMES = ("light", "dark")


@dataclass
class Looker:
    """One person's window: its page, and everything that the console complained about."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def go(self, address: str) -> Page:
        """Open an address and wait until nothing is being fetched."""
        self.page.goto(address, wait_until="networkidle")
        return self.page


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the run."""
    program = shutil.which("chromium")
    if program is None:
        said = "Chromium is missing; on Debian: apt-get install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(said)
        pytest.skip(said)
    # Playwright keeps an event loop in this thread; Django would refuse its database beside one.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def look(browser: Browser, live_server: Any) -> Iterator[Callable[..., Looker]]:
    """Open a window: look(user=None, width=1440, scheme="light"). All are closed when the test ends."""
    contexts: list[BrowserContext] = []

    def open_window(user: Any = None, width: int = 1440, scheme: Any = "light") -> Looker:
        viewport: Any = {"width": width, "height": HEIGHTS.get(width, 900)}
        context = browser.new_context(
            base_url=live_server.url,
            viewport=viewport,
            color_scheme=scheme,
            has_touch=width < 500,
            reduced_motion="reduce",
            locale="en-GB",
            timezone_id="UTC",
        )
        contexts.append(context)
        if user is not None:
            sign_in(context, live_server.url, user)
        looker = Looker(context.new_page())
        watch(looker)
        return looker

    yield open_window
    for context in contexts:
        context.close()


def watch(looker: Looker) -> None:
    """Keep console errors, script errors and answers of 500 and above."""
    said = looker.complaints
    looker.page.on(
        "console", lambda m: said.append(f"{m.type}: {m.text}") if m.type in ("error", "warning") else None
    )
    looker.page.on("pageerror", lambda problem: said.append(f"script: {problem}"))
    looker.page.on("response", lambda r: said.append(f"{r.status} {r.url}") if r.status >= 500 else None)


def sign_in(context: BrowserContext, address: str, user: Any) -> None:
    """Give a browser context a session of this user, without typing."""
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address}])


def tab_to(page: Any, name: str) -> None:
    """Press Tab until that button or link has the focus: it can be reached without a mouse."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.innerText?.trim()") == name:
            return
    raise AssertionError(f"Tab never comes to {name!r}")


def cut_off(page: Any) -> list[str]:
    """Texts that stick out of their card or notice, which hides what is outside; wide tables are scrolled."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll(":is(.card, .notice) *")]
            .filter((one) => !one.closest(".scroll, .sr, svg, details:not([open])") && one.innerText)
            .filter((one) => {
                const own = one.getBoundingClientRect();
                const around = one.closest(".card, .notice").getBoundingClientRect();
                return own.width && (own.right > around.right + 1 || own.left < around.left - 1);
            })
            .map((one) => one.innerText)"""
    )
    return found


def settle(page: Page) -> None:
    """Bring every chart into view, so that it is drawn, and wait for fonts and charts."""
    for chart in page.locator("[data-figure]").all():
        chart.scroll_into_view_if_needed()
        page.wait_for_function("(chart) => chart.dataset.ready", arg=chart.element_handle())
    page.wait_for_function("() => document.fonts.status === 'loaded'")
    page.evaluate("() => window.scrollTo(0, 0)")


def screenshot(page: Page, name: str) -> None:
    """A picture of the whole page, only where APPORTION_SCREENSHOTS names a folder to look at."""
    folder = os.environ.get("APPORTION_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
