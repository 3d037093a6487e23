"""A real browser for the tests that need one: Debian's Chromium, headless, with nothing running behind."""

from __future__ import annotations

import os
import shutil

import pytest
from axe_playwright_python.sync_playwright import Axe

# The browser's driver runs an event loop in this thread; the database is used from it by tests alone.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

_FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def pytest_collection_modifyitems(items):
    """Everything in this folder drives a browser."""
    for item in items:
        if item.path.is_relative_to(os.path.dirname(__file__)):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium():
    """One browser for all tests; without Chromium they are skipped, except where ``CI`` demands them."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is not installed")
        pytest.skip("Chromium is not installed")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=_FLAGS)
        yield browser
        browser.close()


class Watched:
    """A page, and everything it should not have done."""

    def __init__(self, page, home: str) -> None:
        self.page, self.home, self.faults = page, home, []
        page.on("console", lambda said: said.type == "error" and self.faults.append(f"console: {said.text}"))
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (self.faults.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("request", self._request)

    def _request(self, request) -> None:
        if not request.url.startswith((self.home, "data:", "blob:", "about:")):
            self.faults.append(f"outside request: {request.url}")

    def goto(self, address: str):
        """Open an address of the site and wait until it is quiet."""
        self.page.goto(self.home + address)
        self.page.wait_for_load_state("networkidle")
        return self.page


@pytest.fixture
def open_page(chromium, live_server, settings):
    """``open_page(width=…, dark=…, user=…, javascript=…, zoom=…)`` → a watched page; at the end none may have misbehaved."""
    settings.ALLOWED_HOSTS = ["*"]
    contexts, pages = [], []

    def make(width: int = 1280, dark: bool = False, user=None, javascript: bool = True, zoom: int = 1) -> Watched:
        context = chromium.new_context(
            viewport={"width": width, "height": 900 // zoom}, color_scheme="dark" if dark else "light",
            java_script_enabled=javascript, device_scale_factor=zoom,
        )  # fmt: skip
        if user is not None:
            context.add_cookies([{"name": "sessionid", "value": _session(user), "url": live_server.url}])
        watched = Watched(context.new_page(), live_server.url)
        contexts.append(context)
        pages.append(watched)
        return watched

    yield make
    # A page that is left gives its items back: answered before the test's database is emptied.
    for watched in pages:
        watched.page.goto("about:blank")
        watched.page.wait_for_timeout(250)
    for context in contexts:
        context.close()
    assert [fault for page in pages for fault in page.faults] == []


def _session(user) -> str:
    from django.test import Client

    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value


def tab_to(page, selector: str, *, last: bool = False) -> None:
    """Press Tab, as somebody without a mouse would, until a control has the focus.

    Args:
        selector: of the control; of several the first, or the ``last``.
    """
    wanted = page.locator(selector).last if last else page.locator(selector).first
    wanted.wait_for()
    for _ in range(250):
        if wanted.evaluate("node => node === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} is not reached by Tab")


def control_enter(page) -> None:
    """Press Ctrl and Enter as a keyboard does: with the character that Enter makes, which ``keyboard.press`` leaves out.

    Only then does Chromium open a form's answer in another tab.
    """
    keys = page.context.new_cdp_session(page)
    control = {"modifiers": 2, "key": "Control", "code": "ControlLeft", "windowsVirtualKeyCode": 17}
    enter = {"modifiers": 2, "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13}
    keys.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **control})
    keys.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **enter})
    keys.send("Input.dispatchKeyEvent", {"type": "char", "text": "\r", **enter})
    keys.send("Input.dispatchKeyEvent", {"type": "keyUp", **enter})
    keys.send("Input.dispatchKeyEvent", {"type": "keyUp", **control, "modifiers": 0})
    keys.detach()


def shot(page, name: str) -> None:
    """A picture of the whole page, where ``SHOTS`` names a folder for them."""
    folder = os.environ.get("SHOTS")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def serious(page) -> list[str]:
    """What axe finds serious or critical on a page of ours, and where."""
    found = Axe().run(page, context="[data-curation]")
    bad = [one for one in found.response["violations"] if one["impact"] in ("serious", "critical")]
    return [f"{one['id']}: {[node['html'][:150] for node in one['nodes']]}" for one in bad]


def settled(page) -> None:
    """Wait until a queue has answered and shows what comes next."""
    page.wait_for_load_state("networkidle")
    page.wait_for_function("!document.querySelector('[data-curation][aria-busy]')")


def said(page, text: str) -> None:
    """Wait until the page tells what a key did."""
    page.locator("[data-said]", has_text=text).wait_for()
    settled(page)


def item(page) -> str:
    """The key of the item that a queue shows."""
    return page.locator("[data-item]").get_attribute("data-item")
