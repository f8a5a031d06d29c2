"""An application of pages: whatever goes wrong is answered with a page too, and the log tells of each request."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from time import perf_counter

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.refusals import Refusal, Unavailable
from web.log import RequestLog
from web.threads import LogThreads
from wording.words import Language

Problem = Callable[[Request, int], Response]
"""The page that says what to do where a request came to nothing, by its status."""

RETRY_AFTER = {429: "3600", 503: "30"}
"""Seconds until asking again is worth it."""


def site(routes: Sequence[BaseRoute], problem: Problem, log: RequestLog, threads: LogThreads) -> "Logged":
    """The pages of these routes, which ask the log in these threads. A page's name in the log is its endpoint's."""

    def answer(request: Request, error: Exception) -> Response:
        status = status_of(error)
        if status >= 500:
            log.failed(page_name(request.scope), error)
        found = problem(request, status)
        found.headers.update(getattr(error, "headers", None) or {})
        if status in RETRY_AFTER:
            found.headers["retry-after"] = RETRY_AFTER[status]
        return found

    kinds = (HTTPException, Refusal, ClientDisconnect, Exception)
    app = Starlette(routes=routes, exception_handlers=dict.fromkeys(kinds, answer))
    app.router.redirect_slashes = False  # a redirect would be made of the Host that somebody sent
    return Logged(app, log, threads)


def status_of(error: Exception) -> int:
    if isinstance(error, HTTPException):
        return error.status_code
    if isinstance(error, Unavailable):
        return 429 if error.reason == "too-many-wishes" else 503
    return 400 if isinstance(error, ClientDisconnect) else 500


class Logged:
    """Tells the log of each request, and lets no error out: what one says may be anybody's words."""

    def __init__(self, app: ASGIApp, log: RequestLog, threads: LogThreads) -> None:
        self._app = app
        self._log = log
        self.close = threads.close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        status, began = 0, perf_counter()

        async def told(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        with suppress(Exception):  # answered and told already: the library lets it through all the same
            await self._app(scope, receive, told)
        self._log.answered(scope["method"], page_name(scope), status, perf_counter() - began)


def page_name(scope: Scope) -> str:
    """What the log calls the page that was asked for."""
    return getattr(scope.get("endpoint"), "__name__", "none")


def language_of(request: Request) -> Language:
    """A page's language stands in its path, and nowhere else: what a link says is the same for everybody."""
    return "en" if request.scope["path"].startswith("/en/") else "sv"
