"""The subscriber's door: the public's pages in both languages."""

from asyncio import get_running_loop
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from application.desk import Desk
from web.answers import headers, page
from web.log import RequestLog
from web.rendering import rendered
from web.site import site
from wording.door_paths import HEALTH, HEALTHY
from wording.words import Language

AT_ONCE = 4
"""Threads that speak with the database, each on a connection of its own."""

P = ParamSpec("P")
T = TypeVar("T")


def door_site(desk: Desk, log: RequestLog) -> ASGIApp:
    """The door as an application. Raises a Refusal where there is no log, or none that answers."""
    desk.database.version()
    pages = DoorPages(desk)
    return site(pages.routes(), pages.problem, log)


class DoorPages:
    """Each page is an endpoint; what it asks of the log is asked in a thread."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._threads = ThreadPoolExecutor(AT_ONCE)

    def routes(self) -> list[Route]:
        return [Route(HEALTH, self.health)]

    async def health(self, _request: Request) -> Response:
        """Whether the door can do its work."""
        await self._asks(self._desk.database.version)
        return PlainTextResponse(HEALTHY, headers=headers())

    def problem(self, request: Request, status: int) -> Response:
        """A request came to nothing: why, and what to do instead."""
        return page(rendered("problem.html.j2", language_of(request), status=status), status)

    async def _asks(self, ask: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        return await get_running_loop().run_in_executor(self._threads, partial(ask, *args, **named))


def language_of(request: Request) -> Language:
    """A page's language stands in its path, and nowhere else: what a link says is the same for everybody."""
    return "en" if request.scope["path"].startswith("/en/") else "sv"
