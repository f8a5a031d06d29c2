"""A real browser without a window, for pages that have to be looked at.

Debian's own Chromium, driven by Playwright. It lives in a thread of its own, because it waits for its browser all the
while and a test has loops of its own to run; nothing of it is touched from any other thread.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any, Literal, TypeVar

from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # has no types of its own
from playwright.async_api import Page, Request, ViewportSize, async_playwright

T = TypeVar("T")

WAITS = 300
"""Seconds for anything that is asked of it, on a machine that has much else to do."""

AT_ONCE = 2
"""Windows in which pages are looked at side by side."""

TELEPHONE = 600
"""Pixels: a window that is narrower is a telephone's."""

WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
WELL_MADE = (*WCAG, "best-practice")
"""What axe-core looks for: what WCAG 2.2 asks at level AA, and with it what it advises for whole pages."""

WIDTH = "document.documentElement.scrollWidth"
CUT_OFF = """[...document.querySelectorAll('body *')].filter(one => {
  const {overflowX, overflowY} = getComputedStyle(one), cuts = how => how === 'hidden' || how === 'clip';
  const wide = one.scrollWidth > one.clientWidth + 1, high = one.scrollHeight > one.clientHeight + 1;
  return one.clientWidth > 1 && (cuts(overflowX) && wide || cuts(overflowY) && high);
}).map(one => one.outerHTML.slice(0, 80))"""


@dataclass(frozen=True, slots=True)
class Eyes:
    """How somebody looks at a page: the window in CSS pixels, dark or light, text so many times as large; and which
    rules axe-core then looks for, which takes its time."""

    width: int = 1280
    height: int = 900
    dark: bool = False
    text: float = 1
    axe: tuple[str, ...] = ()

    @property
    def window(self) -> ViewportSize:
        return {"width": self.width, "height": self.height}

    @property
    def scheme(self) -> Literal["dark", "light"]:
        return "dark" if self.dark else "light"


class Browser:
    """One for the session. To open a window costs it more than half a second, to show the next page in one a tenth: so
    they are kept, by what cannot be changed of them, and hold nothing of who looked before."""

    def __init__(self, chromium: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="browser", daemon=True)
        self._thread.start()
        self._playwright = self.waits(async_playwright().start())
        launched = self._playwright.chromium.launch(
            executable_path=chromium, chromium_sandbox=False, timeout=WAITS * 1000
        )
        self._chromium = self.waits(launched)
        self._idle: defaultdict[tuple[bool, bool], list[Page]] = defaultdict(list)

    def waits(self, asked: Coroutine[Any, Any, T]) -> T:
        """What comes of it, once it has come. Raises what it raises."""
        return asyncio.run_coroutine_threadsafe(asked, self._loop).result(WAITS)

    def keeps_out(self, pages: Mapping[str, str | Path], *eyes: Eyes) -> dict[str, list[str]]:
        """By the page's name, what in it may keep somebody out who looks at it so. Each page is opened once, as on a
        telephone, which shows a page that says nothing of its width as if it were a desk's."""
        return self.waits(self._looks(pages, eyes))

    async def _looks(self, pages: Mapping[str, str | Path], eyes: tuple[Eyes, ...]) -> dict[str, list[str]]:
        waiting = list(pages.items())
        found: dict[str, list[str]] = {}

        async def looks() -> None:
            async with self.page(telephone=True) as page:
                while waiting:
                    name, address = waiting.pop()
                    await page.set_viewport_size(eyes[0].window)
                    await page.goto(_address(address))
                    found[name] = [f"{one}: {fault}" for one in eyes for fault in await _faults(page, one)]

        await asyncio.gather(*(looks() for _window in range(AT_ONCE)))
        return {name: faults for name, faults in found.items() if faults}

    @asynccontextmanager
    async def page(self, *, telephone: bool, scripts: bool = True) -> AsyncIterator[Page]:
        """A window to itself, for somebody who has never been here before."""
        idle = self._idle[telephone, scripts]
        if not idle:
            visitor = await self._chromium.new_context(is_mobile=telephone, java_script_enabled=scripts)
            visitor.set_default_timeout(WAITS * 1000)
            idle.append(await visitor.new_page())
        page = idle.pop()
        await page.context.clear_cookies()
        yield page
        idle.append(page)

    def close(self) -> None:
        self.waits(self._chromium.close())
        self.waits(self._playwright.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _faults(page: Page, eyes: Eyes) -> list[str]:
    await page.set_viewport_size(eyes.window)
    await page.emulate_media(color_scheme=eyes.scheme)
    await page.evaluate(f"document.documentElement.style.setProperty('font-size', '{eyes.text * 100}%', 'important')")
    faults = [f"cut off: {one}" for one in await page.evaluate(CUT_OFF)]
    if (width := await page.evaluate(WIDTH)) > eyes.width:
        faults.append(f"{width - eyes.width} pixels are off the window to the right")
    if eyes.axe:
        options = {"runOnly": list(eyes.axe), "resultTypes": ["violations"]}
        found = (await Axe().run(page, options=options)).response["violations"]
        faults += [f"{rule['id']}: {node['html']}" for rule in found for node in rule["nodes"]]
    return faults


def _address(page: str | Path) -> str:
    return page.as_uri() if isinstance(page, Path) else page


class Window:
    """One page at a time, and the keys of somebody before it. `asked_for` is every address that it fetched from."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._open = AsyncExitStack()
        self._page: Page
        self.asked_for: list[str] = []

    def opens(
        self, page: Path | str, eyes: Eyes = Eyes(), *, media: Literal["print"] | None = None, scripts: bool = True
    ) -> None:
        """Show this file or address, to somebody who has never been here before."""
        self.close()
        self._browser.waits(self._visits(_address(page), eyes, media or "null", scripts))

    async def _visits(self, address: str, eyes: Eyes, media: Literal["print", "null"], scripts: bool) -> None:
        kept = self._browser.page(telephone=eyes.width < TELEPHONE, scripts=scripts)
        self._page = await self._open.enter_async_context(kept)
        self._page.on("request", self._asks)
        self._open.callback(self._page.remove_listener, "request", self._asks)
        await self._page.set_viewport_size(eyes.window)
        await self._page.emulate_media(media=media, color_scheme=eyes.scheme)
        await self._page.goto(address)

    def _asks(self, request: Request) -> None:
        self.asked_for.append(request.url)

    @property
    def address(self) -> str:
        return self._page.url

    def finds(self, expression: str) -> Any:
        """What this JavaScript says of the page, also where the page may run none."""
        return self._browser.waits(self._page.evaluate(expression))

    def presses(self, *keys: str) -> None:
        """Each as the keyboard calls it."""
        for key in keys:
            self._browser.waits(self._page.keyboard.press(key))

    def follows(self, key: str = "Enter") -> None:
        """Press a key that leads to another page, until that has come."""
        self._browser.waits(self._follows(key))

    async def _follows(self, key: str) -> None:
        async with self._page.expect_navigation():
            await self._page.keyboard.press(key)

    def types(self, text: str) -> None:
        self._browser.waits(self._page.keyboard.type(text))

    def picture(self, *, whole: bool = True) -> bytes:
        """The page as PNG: all of it, or what the window shows."""
        return self._browser.waits(self._page.screenshot(full_page=whole))

    def prints(self) -> bytes:
        """The page as PDF, on the paper that it asks for."""
        return self._browser.waits(self._page.pdf(prefer_css_page_size=True))

    def close(self) -> None:
        self._browser.waits(self._open.aclose())
