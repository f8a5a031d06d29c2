"""A real browser without a window, for pages that have to be looked at.

Debian's own Chromium, driven by Playwright. It lives in a thread of its own, because it waits for its browser all the
while and a test has loops of its own to run; nothing of it is touched from any other thread.
"""

import asyncio
from collections.abc import Coroutine
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import Any, Literal, TypeVar

from playwright.async_api import BrowserContext, Page, async_playwright

T = TypeVar("T")

AXE = "axe.run().then(found => found.violations.map(one => [one.id, one.nodes[0].html]))"
WAITS = 60
"""Seconds for anything that is asked of it, on a machine that has much else to do."""


class Browser:
    """One for the session; each window is a visitor of its own, who shares nothing with the others."""

    def __init__(self, chromium: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="browser")
        self._thread.start()
        self._playwright = self.waits(async_playwright().start())
        self._chromium = self.waits(self._playwright.chromium.launch(executable_path=chromium, chromium_sandbox=False))

    def waits(self, asked: Coroutine[Any, Any, T]) -> T:
        """What comes of it, once it has come. Raises what it raises."""
        return asyncio.run_coroutine_threadsafe(asked, self._loop).result(WAITS)

    async def visitor(self, **kind: Any) -> BrowserContext:
        return await self._chromium.new_context(**kind)

    def close(self) -> None:
        self.waits(self._chromium.close())
        self.waits(self._playwright.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Window:
    """One page at a time, as somebody sees it. `asked_for` is every address it has fetched anything from."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._visitor: BrowserContext | None = None
        self._page: Page
        self.asked_for: list[str] = []

    def opens(
        self,
        page: Path | str,
        width: int,
        height: int,
        *,
        dark: bool = False,
        media: Literal["print"] | None = None,
        scripts: bool = True,
    ) -> None:
        """Show this file or address, anew, at this size of the window in CSS pixels; a telephone's below 600."""
        phone = width < 600
        kind = {
            "viewport": {"width": width, "height": height},
            "device_scale_factor": 2 if phone else 1,
            "is_mobile": phone,
            "color_scheme": "dark" if dark else "light",
            "java_script_enabled": scripts,
        }
        self.close()
        self._browser.waits(self._visits(page.as_uri() if isinstance(page, Path) else page, media, kind))

    async def _visits(self, address: str, media: Literal["print"] | None, kind: dict[str, Any]) -> None:
        self._visitor = await self._browser.visitor(**kind)
        self._visitor.on("request", lambda request: self.asked_for.append(request.url))
        self._page = await self._visitor.new_page()
        await self._page.emulate_media(media=media)
        await self._page.goto(address)

    def finds(self, expression: str) -> Any:
        """What this JavaScript says of the page."""
        return self._browser.waits(self._page.evaluate(expression))

    def keeps_out(self) -> list[Any]:
        """What axe-core says keeps somebody out, each as its rule and the element."""
        found = find_spec("axe_core_python")
        assert found
        assert found.origin
        axe = Path(found.origin).with_name("axe.min.js").read_text(encoding="utf-8")
        violations: list[Any] = self.finds(f"{axe}; {AXE}")
        return violations

    def picture(self, *, whole: bool = True) -> bytes:
        """The page as PNG: all of it, or what the window shows."""
        return self._browser.waits(self._page.screenshot(full_page=whole))

    def prints(self) -> bytes:
        """The page as PDF, on the paper that it asks for."""
        return self._browser.waits(self._page.pdf(prefer_css_page_size=True))

    def close(self) -> None:
        if self._visitor:
            self._browser.waits(self._visitor.close())
            self._visitor = None
