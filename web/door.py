"""The subscriber's door: the public's pages in both languages. A page that is only looked at changes nothing, because
mail scanners look at every link; what changes anything is a button's POST."""

from dataclasses import replace
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from application.accessibility.statement import statement
from application.desk import Desk
from application.door.door import Door
from domain.choices import Choices
from domain.refusals import Invalid, PersonalData
from domain.routine_document import builtin
from domain.texts import N_
from infrastructure.registers.wishes import LeadsTo, Way
from web.answers import headers, page
from web.choosing import Filled, Offer, as_chosen, as_sent, offer, refused
from web.forms import SentForm, body, form
from web.log import RequestLog
from web.network import network
from web.problems import problem_of
from web.rendering import rendered
from web.site import Logged, language_of, page_name, site
from web.threads import LogThreads
from wording.door_paths import HEALTH, HEALTHY, PATHS, DoorPage, door_path
from wording.words import Language, Words, texts_in

THESE_PAGES = N_("Subscribe to operating information")


def door_site(desk: Desk, log: RequestLog) -> Logged:
    """The door as an application. Raises a Refusal where there is no log, or none that answers, and Invalid where
    nobody has said at which address readers reach it."""
    if not desk.settings.web_url:
        raise Invalid("no-web-url")
    desk.database.version()
    pages = DoorPages(desk)
    return site(pages.routes(), pages.problem, log, pages.threads)


class DoorPages:
    """Each page is an endpoint; what it asks of the log is asked in a thread."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._door = Door(desk)
        self.threads = LogThreads(desk.close)
        self._root = urlsplit(desk.settings.web_url).path
        """What stands before our paths where the proxy serves us below a path of its own."""

    def routes(self) -> list[Route]:
        answered_by = {
            DoorPage.SUBSCRIBE: self.subscribe,
            DoorPage.CONFIRM: self.confirm,
            DoorPage.CHOICES: self.choices,
            DoorPage.LEAVE: self.leave,
        }
        both = ["GET", "POST"]
        found = [Route(path, answered_by[door], methods=both) for door in answered_by for path in PATHS[door].values()]
        statements = [Route(path, self.accessibility) for path in PATHS[DoorPage.ACCESSIBILITY].values()]
        return [*found, *statements, Route(HEALTH, self.health)]

    async def subscribe(self, request: Request) -> Response:
        """The same answer whatever the address is to us: known, new, suspended or none that gets mail."""
        words, offered = self._words(request), self._offer(request)
        if request.method != "POST":
            return self._form(request, "subscribe.html.j2", Filled(words.language), offered)
        filled = replace(as_sent(await form(request), offered), paused_until="")
        try:
            await self.threads.asks(self._door.subscribe, filled.address, filled.choices(), network(request))
        except (Invalid, PersonalData) as refusal:
            again = refused(filled, refusal, offered, words)
            return self._form(request, "subscribe.html.j2", again, offered)
        return self._says(request, "asked.html.j2")

    async def confirm(self, request: Request) -> Response:
        """As often as the button is pressed."""
        if request.method == "POST":
            await body(request)
            if await self.threads.asks(self._door.confirm, _token(request)):
                return self._says(request, "confirmed.html.j2")
            return self._dead(request)
        found = await self._way(request, LeadsTo.CONFIRMATION)
        if found is None:
            return self._dead(request)
        return self._says(request, "confirmed.html.j2" if found.over else "confirm.html.j2")

    async def choices(self, request: Request) -> Response:
        """Two forms: what to be told of, and at which address."""
        found = await self._way(request, LeadsTo.READER)
        if found is None:
            return self._dead(request)
        if found.over:
            return self._says(request, "left.html.j2")
        offered, now = self._offer(request, found.choices), as_chosen(found.choices)
        if request.method != "POST":
            return self._form(request, "choices.html.j2", now, offered)
        sent = await form(request)
        if sent.text("do") == "move":
            return await self._moved(request, sent, now, offered)
        filled = as_sent(sent, offered)
        try:
            done = await self.threads.asks(self._door.choose, _token(request), filled.choices(), network(request))
        except Invalid as refusal:
            again = refused(filled, refusal, offered, self._words(request))
            return self._form(request, "choices.html.j2", again, offered)
        return self._form(request, "choices.html.j2", filled, offered, done="chosen") if done else self._dead(request)

    async def _moved(self, request: Request, sent: SentForm, now: Filled, offered: Offer) -> Response:
        address = sent.text("address")
        try:
            done = await self.threads.asks(self._door.move, _token(request), address, network(request))
        except (Invalid, PersonalData) as refusal:
            filled = Filled(now.language, address, now.systems, now.areas, now.paused_until)
            again = refused(filled, refusal, offered, self._words(request))
            return self._form(request, "choices.html.j2", again, offered)
        return self._form(request, "choices.html.j2", now, offered, done="moved") if done else self._dead(request)

    async def leave(self, request: Request) -> Response:
        """RFC 8058: a POST leaves at once and is answered with 200, the second time too, in whatever form its body is
        written (§3.1); it is told by its token alone, and a GET shows a button."""
        if request.method == "POST":
            await body(request)
            left = await self.threads.asks(self._door.leave, _token(request))
            return self._says(request, "left.html.j2") if left else self._dead(request)
        found = await self._way(request, LeadsTo.READER)
        if found is None:
            return self._dead(request)
        return self._says(request, "left.html.j2" if found.over else "leave.html.j2")

    async def accessibility(self, request: Request) -> Response:
        words = self._words(request)
        said = statement(self._desk.settings, words, words.gettext(THESE_PAGES))
        return self._says(request, "statement.html.j2", statement=said)

    async def health(self, _request: Request) -> Response:
        """Whether the door can do its work."""
        await self.threads.asks(self._desk.database.version)
        return PlainTextResponse(HEALTHY, headers=headers())

    def problem(self, request: Request, status: int) -> Response:
        """A request came to nothing: why, and what to do instead."""
        return self._says(request, "problem.html.j2", status, problem=problem_of(status))

    def _dead(self, request: Request) -> Response:
        """A link that was never given, is past its time or has had its use: which of them is told to nobody."""
        return self._says(request, "dead.html.j2", 404)

    def _form(self, request: Request, template: str, filled: Filled, offered: Offer, done: str = "") -> Response:
        status = 422 if filled.faults else 200
        domains = self._desk.settings.subscribe_domains
        return self._says(request, template, status, filled=filled, offer=offered, done=done, domains=domains)

    def _says(self, request: Request, template: str, status: int = 200, **values: object) -> Response:
        language = language_of(request)
        other: Language = "sv" if language == "en" else "en"
        links = {door.value: self._path(request, door, language) for door in DoorPage}
        html = rendered(
            template,
            language,
            driftinfo_url=self._desk.settings.driftinfo_url,
            links=links,
            other=other,
            in_other=self._path(request, _page_of(request), other),
            **values,
        )
        return page(html, status)

    def _path(self, request: Request, door: DoorPage, language: Language) -> str:
        return self._root + door_path(door, language, quote(_token(request), safe=""))

    def _offer(self, request: Request, chosen: Choices | None = None) -> Offer:
        return offer(self._words(request), self._desk.now(), chosen)

    def _words(self, request: Request) -> Words:
        """In the names of the built-in routine: whoever serves the door may not read which the log has adopted."""
        return texts_in(language_of(request)).of(builtin())

    async def _way(self, request: Request, leads_to: LeadsTo) -> Way | None:
        found = await self.threads.asks(self._door.way, _token(request))
        return found if found and found.leads_to is leads_to else None


def _token(request: Request) -> str:
    return str(request.path_params.get("token", ""))


def _page_of(request: Request) -> DoorPage:
    """Which page it is; where it is none, the other language begins where this one does."""
    name = page_name(request.scope)
    return next((door for door in DoorPage if door == name), DoorPage.SUBSCRIBE)
