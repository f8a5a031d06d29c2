"""Staff's page: what is read of the log for each of its paths. It has nothing to write with, and takes no form."""

import re
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from threading import local

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from application import authority
from application.desk import Desk
from application.exports.report.export import report_of
from application.exports.report.page import page as report_page
from application.incidents import number
from application.settings import Settings
from application.staff_page import pages
from application.staff_page.history import ReplayAsked, replay_seen
from application.staff_page.incident import incident_seen
from application.staff_page.paths import PATHS, StaffPage
from application.staff_page.standing import all_incidents, open_incidents
from application.staff_page.trouble import ANOTHER_NAME, NOT_SEEN, OUR_FAULT, Trouble, refused, trouble
from application.staff_page.visit import AGAIN, Visit, whose
from domain.fact import UNREGISTERED
from domain.refusals import NotFound, Refusal, Unavailable
from domain.routine_document import builtin
from web.answers import page
from web.log import RequestLog
from web.site import Logged, language_of, site
from web.threads import LogThreads
from wording.words import Language, texts_in

LONGEST_LOGIN = 255
LONGEST_TIME = 100
"""Letters of a time that somebody types."""

THIS_MACHINE = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d+)?", re.IGNORECASE)
"""What a browser or a proxy here calls it. A name that a stranger has pointed to this machine is none of these."""

STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


def staff_site(desk: Desk, log: RequestLog, *, at_port: bool) -> Logged:
    """Staff's page as an application. Raises a Refusal for a log that will never answer as it is; one that is away is
    told of on the page, until it is there again."""
    with suppress(Unavailable, NotFound):
        desk.database.version()
    shown = StaffPages(desk.settings, log, at_port=at_port)
    return site(shown.routes(), shown.problem, log, shown.threads)


@dataclass(frozen=True, slots=True)
class PageAsked:
    """One request, in what matters of it. `login` is "" where nobody is named."""

    page: StaffPage
    language: Language
    number: str
    login: str
    query: Mapping[str, str]


class StaffPages:
    """Each page is an endpoint; what it shows is read in a thread, at a desk of the thread's own."""

    def __init__(self, settings: Settings, log: RequestLog, *, at_port: bool) -> None:
        self._settings = settings
        self._at_port = at_port
        self._log = log
        self._of_thread = local()
        self.threads = LogThreads(lambda: self._desk().close())
        self._read_at: datetime | None = None

    def routes(self) -> list[Route]:
        return [
            Route(path, self._endpoint(page, language), methods=["GET"])
            for page, paths in PATHS.items()
            for language, path in paths.items()
        ]

    def problem(self, request: Request, status: int) -> Response:
        """A request came to nothing before it was one for a page of ours, or by our fault."""
        language = language_of(request)
        return self._refusal(language, trouble(status, texts_in(language)))

    def _endpoint(self, of: StaffPage, language: Language) -> Callable[[Request], Coroutine[None, None, Response]]:
        async def endpoint(request: Request) -> Response:
            if self._at_port and not THIS_MACHINE.fullmatch(request.headers.get("host", "")):
                return self._refusal(language, trouble(ANOTHER_NAME, texts_in(language)))
            header = self._settings.web_staff_header
            login = login_in(request.headers.getlist(header)) if header else ""
            if header and not login:
                return self._refusal(language, trouble(NOT_SEEN, texts_in(language)))
            asked = PageAsked(of, language, request.path_params.get("number", ""), login, request.query_params)
            return await self.threads.asks(self._answer, asked)

        endpoint.__name__ = of.value  # what the log calls the page
        return endpoint

    def _answer(self, asked: PageAsked) -> Response:
        desk = self._desk().speaking(asked.language)
        try:
            desk.database.ask_time()
            visit = Visit(
                desk.texts,
                asked.page,
                number(asked.number, desk) if asked.number else "",
                asked.login,
                whose(desk, asked.login),
                asked.query.get("reload") == "off",
            )
            html = self._shown(desk, visit, asked.query)
        except Refusal as refusal:
            words = desk.texts.of(refusal.routine or builtin())
            found = refused(refusal, words, self._read_at)
            if found.status >= OUR_FAULT:
                self._log.failed(asked.page, refusal)
            return self._refusal(asked.language, found)
        self._read_at = desk.now()
        return _answered(html, again=visit.reloads)

    def _shown(self, desk: Desk, visit: Visit, query: Mapping[str, str]) -> str:
        person = visit.person
        match visit.page:
            case StaffPage.BOARD:
                return pages.board_page(visit, open_incidents(desk, person))
            case StaffPage.CALLERS:
                return pages.callers_page(visit, open_incidents(desk, person))
            case StaffPage.INCIDENTS:
                return pages.incidents_page(visit, all_incidents(desk))
            case StaffPage.INCIDENT:
                logins = authority.logins(desk, visit.login) if person and person.id != UNREGISTERED else {}
                return pages.incident_page(visit, incident_seen(desk, person, logins, visit.number))
            case StaffPage.REPORT:
                return report_page(report_of(desk, visit.number))
            case StaffPage.REPLAY:
                at, known = (query.get(name, "")[:LONGEST_TIME] for name in ("at", "known"))
                asked = ReplayAsked(at, known, by_writing=bool(query.get("written")))
                found = replay_seen(desk, person, visit.number, asked)
                return pages.replay_page(replace(visit, asked=asked.query), found)

    def _refusal(self, language: Language, found: Trouble) -> Response:
        visit = Visit(texts_in(language), StaffPage.BOARD)
        html = pages.refusal_page(visit, found.title, found.said, reloads=found.may_pass)
        return _answered(html, found.status, again=found.may_pass)

    def _desk(self) -> Desk:
        """This thread's own: what one thread has read of the log no other has half read."""
        if not hasattr(self._of_thread, "desk"):
            self._of_thread.desk = Desk(replace(self._settings, lang="sv"))
        desk: Desk = self._of_thread.desk
        return desk


def login_in(values: list[str]) -> str:
    """Who the proxy says it is: one header with one name. "" where it says nothing, or more than one thing."""
    if len(values) != 1:
        return ""
    try:
        login = values[0].encode("latin-1").decode("utf-8").strip()
    except UnicodeError:
        return ""
    return login if login.isprintable() and len(login) <= LONGEST_LOGIN else ""


def _answered(html: str, status: int = 200, *, again: bool) -> Response:
    """A page that reloads itself is told to by a header: its markup is the same either way."""
    style = STYLE.search(html)
    answer = page(html, status, style[1] if style else "")
    if again:
        answer.headers["refresh"] = str(AGAIN)
    return answer
