"""A real browser without a window, spoken to over a pipe; for pages that have to be looked at."""

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)


class Browser:
    """One page in one browser. `asked_for` is every address that the page has fetched anything from."""

    def __init__(self, read: int, write: int) -> None:
        self._read, self._write = os.fdopen(read, "rb", buffering=0), os.fdopen(write, "wb", buffering=0)
        self._sent, self._session, self._rest = 0, "", b""
        self.asked_for: list[str] = []
        self._loaded = False
        target = self._says("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._says("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime"):
            self._says(f"{domain}.enable")

    def opens(self, page: Path, width: int, height: int, *, dark: bool = False, media: str = "") -> None:
        """Show this file at this size of the window, in pixels."""
        phone = width < 600
        size = {"width": width, "height": height, "deviceScaleFactor": 2 if phone else 1, "mobile": phone}
        self._says("Emulation.setDeviceMetricsOverride", **size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._says("Emulation.setEmulatedMedia", media=media, features=[scheme])
        self._loaded = False
        self._says("Page.navigate", url=page.as_uri())
        while not self._loaded:
            self._hears()

    def finds(self, expression: str) -> Any:
        """What this JavaScript says of the page."""
        said = self._says("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in said, said
        return said["result"].get("value")

    def picture(self, *, whole: bool = True) -> bytes:
        """The page as PNG: all of it, or what the window shows."""
        said = self._says("Page.captureScreenshot", format="png", captureBeyondViewport=whole, **self._clip(whole))
        return base64.b64decode(said["data"])

    def prints(self) -> bytes:
        """The page as PDF, on the paper that it asks for."""
        said = self._says("Page.printToPDF", preferCSSPageSize=True, printBackground=False)
        return base64.b64decode(said["data"])

    def _clip(self, whole: bool) -> dict[str, Any]:
        if not whole:
            return {}
        size = self._says("Page.getLayoutMetrics")["cssContentSize"]
        return {"clip": {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}}

    def _says(self, method: str, **params: Any) -> dict[str, Any]:
        self._sent += 1
        command = {"id": self._sent, "method": method, "params": params}
        if self._session:
            command["sessionId"] = self._session
        self._write.write(json.dumps(command).encode() + b"\0")
        while (answer := self._hears()).get("id") != self._sent:
            pass
        assert "error" not in answer, answer
        result: dict[str, Any] = answer["result"]
        return result

    def _hears(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            more = self._read.read(1 << 16)
            assert more, "the browser has gone"
            self._rest += more
        line, self._rest = self._rest.split(b"\0", 1)
        heard: dict[str, Any] = json.loads(line)
        if heard.get("method") == "Network.requestWillBeSent":
            self.asked_for.append(heard["params"]["request"]["url"])
        self._loaded = self._loaded or heard.get("method") == "Page.loadEventFired"
        return heard

    def close(self) -> None:
        self._write.close()
        self._read.close()


@contextmanager
def browser(profile: Path) -> Iterator[Browser]:
    """A browser with a profile of its own, for as long as this lasts."""
    assert CHROMIUM
    to_read, to_write = os.pipe(), os.pipe()

    def as_it_expects() -> None:
        """It reads commands from descriptor 3 and answers on 4."""
        commands, answers = os.dup(to_write[0]), os.dup(to_read[1])
        os.dup2(commands, 3)
        os.dup2(answers, 4)

    process = subprocess.Popen(
        [CHROMIUM, *FLAGS, f"--user-data-dir={profile}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=as_it_expects,
        close_fds=False,
    )
    os.close(to_write[0])
    os.close(to_read[1])
    opened = Browser(to_read[0], to_write[1])
    try:
        yield opened
    finally:
        opened.close()  # it goes by itself once nobody speaks to it
        process.wait()
