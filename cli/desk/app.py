"""The desk: one screen for the whole day, and what each key does.

The log is spoken to on a thread of its own, one thing at a time, so that a log which does not answer never stops what
is typed. No rule stands here: what may be written, and what is said of it, is `application.recording`'s.
"""

import asyncio
import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, TypeVar

from rich.text import Text
from textual import on
from textual.app import App, ComposeResult
from textual.containers import Horizontal, Vertical
from textual.timer import Timer
from textual.widgets import Static

from application import authority
from application.desk import Desk
from application.recording import Acknowledgement
from cli.desk import answers, lines, sheets
from cli.desk.drafts import Drafts, keep, kept
from cli.desk.form import Form, Values
from cli.desk.heap import Heap, HeapPaper, Papers, is_to_be_entered, number_to_give
from cli.desk.lists import Entries, ReadingPage, Search
from cli.desk.panels import Panel, TakesKeys
from cli.desk.sheets import Sheet
from cli.desk.sight import Sight, look
from domain import facts as f
from domain.fact import CATALOGUE, Fact, Recorded
from domain.refusals import Refusal, Unavailable
from domain.vocabulary import Status
from wording.facts import fields_of, initial
from wording.sentences import sentence, unjudged
from wording.synonyms import nearest

T = TypeVar("T")
LOOK = 2
"""Seconds between two looks at the log."""
PAUSE = 0.08
"""Seconds without a key before it is said what would come of a form."""
AT_ONCE = 2.0
"""Seconds for which the next key waits for what is being written; a log that takes longer stops nobody."""
NARROW, LOW = 76, 22
"""Columns and rows below which the screen makes do with less."""
HEAP = (f.ReferralReceived, f.ReferralEntered)


class Home(Horizontal, TakesKeys, can_focus=True):
    """The first screen: what is to be done, and what was written last. A key is an act."""

    ACTIONS: ClassVar[dict[str, str]] = {
        **{str(digit): f"app.duty({digit})" for digit in range(1, 10)},
        "s": "app.call",
        "f": "app.heap",
        "p": "app.prognosis",
        "n": "app.search",
        "r": "app.entries",
        "l": "app.entries",
        "u": "app.take_back",
        "h": "app.other_incident",
        "question_mark": "app.explain",
        "q": "app.quit",
    }

    def action_of(self, key: str) -> str:
        return self.ACTIONS.get(key, "")

    def compose(self) -> ComposeResult:
        yield Static(id="duties")
        yield Static(id="latest")


class DeskScreen(App[None]):
    """The desk of one person. `drafts` is the file that keeps what was typed while the desk is away."""

    ENABLE_COMMAND_PALETTE = False
    CSS_PATH = None
    CSS = """
    Screen { layout: vertical; background: $background; }
    #head { height: 2; background: $panel; padding: 0 1; }
    #say { height: auto; max-height: 7; border-top: solid $primary; border-bottom: solid $primary; padding: 0 1; }
    #body { height: 1fr; padding: 0 1; }
    #body > * { height: 1fr; }
    #duties { width: 3fr; height: 1fr; padding: 0 2 0 0; }
    #latest { width: 2fr; height: 1fr; }
    #told { height: auto; max-height: 4; padding: 0 1; }
    #keys { height: 1; background: $panel; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    OptionList, OptionList:focus { height: 1fr; border: none; padding: 0; background: transparent; }
    VerticalScroll { scrollbar-size-vertical: 1; }
    .title { height: 1; text-style: bold; }
    .rows { height: 1fr; }
    .narrow #duties { width: 1fr; padding: 0; }
    .narrow #latest { display: none; }
    .low #say { max-height: 5; border-bottom: none; }
    """

    def __init__(self, desk: Desk, login: str, first: Sight, drafts: Path) -> None:
        super().__init__()
        self._desk, self._login, self._drafts_at = desk, login, drafts
        self._thread = ThreadPoolExecutor(1, "log")
        self.sight, self._chosen = first, first.number
        self._drafts, self._papers = Drafts(), Papers()
        self._panel: Panel | None = None
        self._last: Recorded | None = None
        self._rung: set[tuple[str, object]] | None = None
        self._unreachable = ""
        self._answered: Values | None = None
        self._drawn: dict[str, Text] = {}
        self.fault: Exception | None = None
        self._seconds, self._is_looking = 0, False
        self._pause: Timer | None = None

    # what is seen

    def compose(self) -> ComposeResult:
        yield Static(id="head")
        yield Static(id="say")
        with Vertical(id="body"):
            yield Home(id="home")
        yield Static(id="told", markup=False)
        yield Static(id="keys", markup=False)

    async def on_mount(self) -> None:
        loop = asyncio.get_running_loop()
        for gone in (signal.SIGHUP, signal.SIGTERM):
            loop.add_signal_handler(gone, self._terminal_gone, gone)
        self.query_one("#say").border_title = _title(self._desk)
        self.screen.set_focus(self.query_one(Home))
        self._show()
        await self._take_up_what_was_kept()
        self.set_interval(1, self._tick)

    def on_resize(self) -> None:
        self.screen.set_class(self.size.width < NARROW, "narrow")
        self.screen.set_class(self.size.height < LOW, "low")
        self.call_after_refresh(self._show)

    async def on_unmount(self) -> None:
        await self.in_log(self._desk.close)
        self._thread.shutdown()

    async def in_log(self, does: Callable[[], T]) -> T:
        """Speak to the log, after whatever it was asked before."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, does)

    async def _look(self) -> None:
        """See the log anew. One that does not answer leaves the screen as it was, and is said to be away."""
        self._is_looking = True
        try:
            self._saw(await self.in_log(lambda: look(self._desk, self._login, self._chosen)))
        except Exception as error:  # whatever is wrong with the log, what was seen last stays in sight
            self._unreachable = unjudged(self.sight.number or "", error, self.sight.words)
            self._show()
        finally:
            self._is_looking = False

    def _saw(self, sight: Sight) -> None:
        self.sight, self._unreachable = sight, ""
        self._show()

    async def _tick(self) -> None:
        """A second has passed."""
        self._seconds += 1
        if self._seconds % LOOK == 0 and not self._is_looking:
            self.run_worker(self._look())
        self.sight = replace(self.sight, at=self._desk.now())
        if self._papers.waiting:
            self.run_worker(self._write_papers(), group="papers", exclusive=True)
        self._show()

    def _show(self) -> None:
        """Everything that time or the log has changed; nothing any more once the screen has gone."""
        if not self.query("#head"):
            return
        sight, width = self.sight, max(self.size.width - 2, 20)
        self._ring()
        self._put("#head", lines.head(sight, self._login, width, self._unreachable))
        self._put("#say", Text(" ".join(lines.to_say(sight, self._desk.settings))))
        home = self.query_one(Home)
        if home.display:
            left, right = home.query_one("#duties"), home.query_one("#latest")
            self._put("#duties", lines.duties(sight, max(left.content_size.width, 20)))
            self._put("#latest", lines.latest(sight, max(right.content_size.width, 10), home.size.height))
        self._put("#keys", Text(self._panel.keys if self._panel else answers.home_keys(sight, width)))

    def _put(self, place: str, text: Text) -> None:
        """Draw only what has changed: nothing flickers, and a slow line carries no more than it must."""
        if self._drawn.get(place) != text:
            self._drawn[place] = text
            self.query_one(place, Static).update(text)

    def _ring(self) -> None:
        """A bell for each deadline that falls due while somebody is here, once."""
        turns = (*self.sight.turns.own, *self.sight.turns.others)
        overdue = {
            (verdict.duty.id, verdict.started_at)
            for verdict in filter(None, (turn.verdict for turn in turns))
            if verdict.due_at and verdict.due_at <= self.sight.at
        }
        if self._rung is not None and overdue - self._rung:
            self.bell()
        self._rung = overdue | (self._rung or set())

    def tell(self, said: str | Text) -> None:
        """The lines above the keys: what was written, what would be, what is wrong."""
        self._put("#told", said if isinstance(said, Text) else Text(said))

    # where one is

    async def _open(self, panel: Panel) -> None:
        self._answered = None
        with self.batch_update():
            await self._close()
            self._panel = panel
            self.query_one(Home).display = False
            await self.query_one("#body").mount(panel)
            panel.begin()
            self._show()

    async def _close(self) -> None:
        if self._panel is not None:
            await self._panel.remove()
            self._panel = None

    async def _go_home(self, said: str | Text = "") -> None:
        with self.batch_update():
            await self._close()
            self.query_one(Home).display = True
            self.screen.set_focus(self.query_one(Home))
            self.tell(said)
            self._show()
        self.call_after_refresh(self._show)

    @on(Panel.Left)
    async def _left(self) -> None:
        """What was typed in a form stays for the next time it is opened."""
        said = ""
        if isinstance(self._panel, Form) and not isinstance(self._panel, Heap) and self._panel.is_changed:
            self._drafts.forms[self._panel.sheet.key] = self._panel.typed
            said = self.sight.words.gettext("Nothing was written. What you typed is there when you come back to it.")
        await self._go_home(said)

    # keys of the first screen

    async def action_duty(self, digit: int) -> None:
        if self.sight.incident is None:
            await self._fill_in(f.OPENERS[min(digit, len(f.OPENERS)) - 1])
            return
        if digit > len(self.sight.acts):
            return
        act = self.sight.acts[digit - 1][1]
        if act.fact in HEAP:
            await self._open_heap(act.fact)
        else:
            await self._open_form(sheets.sheet_for(act, self.sight))

    async def action_call(self) -> None:
        """One caller more: counted where it is known what is wrong, written down where it is not."""
        incident = self.sight.incident
        known = incident is not None and incident.status is not Status.SUSPECTED
        await self._fill_in(f.CallersInformed if known else f.DisturbanceReported)

    async def action_prognosis(self) -> None:
        await self._fill_in(f.PrognosisReceived)

    async def action_heap(self) -> None:
        may_enter = self.sight.may_record(f.ReferralEntered)
        entered = is_to_be_entered(self.sight.incident, may_enter=may_enter)
        await self._open_heap(f.ReferralEntered if entered else f.ReferralReceived)

    async def action_search(self) -> None:
        words = self.sight.words
        facts = authority.written_by_hand(words.routine)
        await self._open(
            Search(
                lambda text: [(fact, answers.offered(fact, self.sight)) for fact in nearest(text, facts, words)],
                words.gettext("What has happened?"),
                words.gettext("Nothing is called that: try another word."),
                words.gettext("Enter chooses  ↑ ↓  Esc back"),
            )
        )
        self.tell("")

    async def action_entries(self) -> None:
        _ = self.sight.words.gettext
        if not self.sight.latest:
            self.tell(_("Nothing is written yet."))
            return
        keys = _("r or Enter corrects  t takes back or moves  ↑ ↓  Esc back")
        await self._open(Entries(self.sight.latest, self._entry, keys))

    async def action_take_back(self) -> None:
        """Take back what was just written: a withdrawal, which stays in the log beside it."""
        _ = self.sight.words.gettext
        if self._last is None or self._last.incident != self.sight.number:
            self.tell(_("There is nothing to take back that was written here: r corrects an earlier entry."))
            return
        await self._withdraw(self._last, _("written by mistake"))

    async def action_other_incident(self) -> None:
        reachable = self.sight.reachable
        if len(reachable) < 2:
            self.tell(self.sight.words.gettext("There is no other incident."))
            return
        place = reachable.index(self.sight.number) if self.sight.number in reachable else -1
        self._chosen = reachable[(place + 1) % len(reachable)]
        self._rung = None
        await self._look()
        self.tell("")

    async def action_explain(self) -> None:
        words = self.sight.words
        await self._open(ReadingPage(answers.explained(self.sight), words.gettext("↑ ↓  Esc back")))
        self.tell("")

    def _handle_exception(self, error: Exception) -> None:
        """Whatever is wrong with us: what was typed is kept, and the program's last door says the rest."""
        keep(self._drafts_at, self._unwritten())
        self.fault = error
        super()._handle_exception(error) if self.is_headless else self.exit(return_code=1)

    async def action_quit(self) -> None:
        keep(self._drafts_at, self._unwritten())
        self.exit()

    # forms

    async def _fill_in(self, fact: type[Fact]) -> None:
        if fact in HEAP:
            await self._open_heap(fact)
        elif fact in (f.EntryCorrected, f.EntryWithdrawn):
            await self.action_entries()
        elif not self.sight.may_ever_record(fact):
            self.tell(answers.whose(fact, self.sight))
        else:
            await self._open_form(sheets.sheet_of(fact, self.sight))

    async def _open_form(self, sheet: Sheet) -> None:
        _ = self.sight.words.gettext
        form = Form(sheet, answers.title(sheet, self.sight), _("Enter writes  Tab next  Esc back  Ctrl+K the command"))
        await self._open(form)
        self.tell("")
        if (draft := self._drafts.forms.get(sheet.key)) is not None:
            form.fill(draft)
            form.begin()
            self.tell(_("What you typed the last time is here."))

    async def _open_heap(self, fact: type[Fact]) -> None:
        sight = self.sight
        if not sight.may_ever_record(fact):
            self.tell(answers.whose(fact, sight))
            return
        keys = sight.words.gettext("Enter writes  Ctrl+T received/entered  Esc done")
        outstanding = list(sight.incident.outstanding) if sight.incident else []
        sheet = sheets.sheet_of(fact, sight)
        counts = answers.counts(sight.words)
        await self._open(Heap(sheet, answers.title(sheet, sight), keys, self._papers, counts, outstanding))
        self.tell(sight.words.gettext("The number on the paper, then Enter. A paper without one: Enter gives it one."))

    @on(Heap.Turned)
    async def _turn_heap(self) -> None:
        if isinstance(self._panel, Heap):
            other = f.ReferralEntered if self._panel.sheet.fact is f.ReferralReceived else f.ReferralReceived
            await self._open_heap(other)

    @on(Search.Chosen)
    async def _search_chose(self, event: Search.Chosen) -> None:
        await self._fill_in(event.fact)

    @on(Entries.Looked)
    def _looked_at(self, event: Entries.Looked) -> None:
        words, recorded = self.sight.words, event.recorded
        said = fields_of(recorded.fact, words, self.sight.at)
        who = words.name(recorded.recorded_as)
        entry = words.gettext("entry {entries}").format(entries=recorded.entry)
        self.tell("; ".join(filter(None, (f"{entry}, {who}", said, recorded.note, recorded.deviation))))

    @on(Entries.Wrong)
    async def _correct(self, event: Entries.Wrong) -> None:
        await self._open_form(sheets.correction_of(event.recorded, self.sight))

    @on(Entries.Mistaken)
    async def _mistaken(self, event: Entries.Mistaken) -> None:
        await self._withdraw(event.recorded, "")

    async def _withdraw(self, recorded: Recorded, reason: str) -> None:
        known = {"entry": str(recorded.entry), "reason": reason}
        await self._open_form(sheets.sheet_of(f.EntryWithdrawn, self.sight, known))

    @on(Form.Changed)
    def _about_to_be_said(self, event: Form.Changed) -> None:
        """Once nobody types for a moment it is said what would come of it."""
        if self._pause is not None:
            self._pause.stop()
        form = event.form
        self._pause = self.set_timer(PAUSE, lambda: self.run_worker(self._foresee(form), group="ahead", exclusive=True))

    async def _foresee(self, form: Form) -> None:
        if form is not self._panel or form.is_sending or form.typed == self._answered:
            return
        sheet, typed, sight = form.sheet, form.typed, self.sight
        field = form.focused_field
        about = Text(field.help if field else "", style="dim")
        if sheet.missing(typed):
            self.tell(about)
            return
        try:
            would = await self.in_log(lambda: sheets.write(self._desk, self._login, sheet, typed, dry_run=True))
            said = answers.foreseen(would, sight)
        except Refusal as refusal:
            said = Text(sheets.told(refusal, sheet, sight.words), style="yellow")
        if form is self._panel and form.typed == typed != self._answered and not form.is_sending:
            self.tell(Text("\n").join([about, said]))

    @on(Form.Command)
    def _show_command(self, event: Form.Command) -> None:
        self._answer(event.form, " ".join(sheets.command_of(event.form.sheet, event.form.typed)))

    def _answer(self, form: Form, said: str | Text) -> None:
        """What was asked for of a form stands until something else is typed in it."""
        self._answered = form.typed
        self.tell(said)

    @on(Form.Sent)
    async def _send(self, event: Form.Sent) -> None:
        """Write what the form says. The next key waits for it, but not for a log that is away."""
        form = event.form
        if form is not self._panel:
            return
        if (field := form.sheet.missing(form.typed)) is not None:
            form.point_at(field)
            said = self.sight.words.gettext("{field} is missing: {help}")
            self._answer(form, said.format(field=field.label, help=field.help))
            return
        form.is_sending = True
        self.tell(self.sight.words.gettext("Writing …"))
        writing = asyncio.ensure_future(self._write(form))
        await asyncio.wait({writing}, timeout=AT_ONCE)

    async def _write(self, form: Form) -> None:
        sheet, typed = form.sheet, form.typed
        try:
            written, sight = await self.in_log(lambda: self._write_and_look(sheet, typed))
        except Refusal as refusal:
            form.is_sending = False
            if form is self._panel:
                self._refused(form, refusal)
            return
        self._drafts.forms.pop(sheet.key, None)
        self._wrote(written, sight)
        if form is self._panel:
            await self._go_home(answers.written(written, self.sight))

    def _write_and_look(self, sheet: Sheet, typed: Values) -> tuple[Acknowledgement, Sight]:
        written = sheets.write(self._desk, self._login, sheet, typed)
        sight = look(self._desk, self._login, written.recorded.incident)
        is_over = sight.incident is not None and not sight.incident.open
        return written, look(self._desk, self._login) if is_over else sight

    def _wrote(self, written: Acknowledgement, sight: Sight) -> None:
        self._chosen, self._last = sight.number, written.recorded
        self._saw(sight)

    def _refused(self, form: Form, refusal: Refusal) -> None:
        """Why not, with the cursor where it is to be mended. What was typed stands."""
        words = self.sight.words
        said = sheets.told(refusal, form.sheet, words)
        if (field := sheets.field_of(refusal, form.sheet)) is not None:
            form.point_at(field)
            if refusal.reason == "future" and (earlier := answers.yesterday(str(form.typed[field.name]), self._desk)):
                form.fill({field.name: earlier})
                said = words.gettext("Was it {time}? Enter writes it.").format(time=earlier)
        elif isinstance(refusal, Unavailable):
            said += " " + words.gettext("What you typed is still here: Enter tries again.")
        self._answer(form, Text(said, style="bold yellow"))

    # a heap of papers

    @on(Heap.Numbered)
    def _enter_paper(self, event: Heap.Numbered) -> None:
        sight, heap, typed = self.sight, event.heap, event.typed
        if not typed["serial"]:
            number = number_to_give(sight.incident, self._papers)
            heap.fill({"serial": number})
            said = sight.words.gettext("Write {number} on the paper, then Enter.").format(number=number)
            self._answer(heap, Text(said, style="bold"))
            return
        self._papers.all.append(HeapPaper(sheets.sheet_of(heap.sheet.fact, sight).filled(typed)))
        if "reference" in typed:
            heap.fill({"reference": ""})
        heap.show_papers()
        self.run_worker(self._write_papers(), group="papers", exclusive=True)

    async def _write_papers(self) -> None:
        """Those that wait, in their order; one by one, so that each is answered for."""
        for paper in self._papers.waiting:
            sheet = paper.sheet
            try:
                written, sight = await self.in_log(lambda sheet=sheet: self._write_and_look(sheet, sheet.typed))  # type: ignore[misc]
            except Unavailable as away:
                self._unreachable = sentence(away, self.sight.words)
                break
            except Refusal as refusal:
                paper.state, paper.said = "refused", sheets.told(refusal, sheet, self.sight.words)
            else:
                paper.state, paper.said = "written", answers.in_short(written, sight)
                self._wrote(written, sight)
        if isinstance(self._panel, Heap):
            self._panel.show_papers()
            if self._unreachable:
                self.tell(Text(self._unreachable, style="bold yellow"))

    # what is kept while the desk is away

    def _unwritten(self) -> Drafts:
        drafts = replace(self._drafts, forms=dict(self._drafts.forms))
        if isinstance(self._panel, Form) and not isinstance(self._panel, Heap) and self._panel.is_changed:
            drafts.forms[self._panel.sheet.key] = self._panel.typed
            drafts.open = self._panel.sheet.fact.wire
        drafts.papers = [
            {
                "fact": paper.sheet.fact.wire,
                "incident": paper.sheet.incident,
                "typed": dict(paper.sheet.typed),
                "command_id": paper.sheet.command_id,
            }
            for paper in self._papers.waiting
        ]
        return drafts

    async def _take_up_what_was_kept(self) -> None:
        self._drafts = kept(self._drafts_at)
        for paper in self._drafts.papers:
            sheet = sheets.sheet_of(CATALOGUE[paper["fact"]], self.sight).filled(paper["typed"])
            again = replace(sheet, incident=paper["incident"], command_id=paper["command_id"])
            self._papers.all.append(HeapPaper(again))
        opened = CATALOGUE.get(self._drafts.open)
        if opened and opened not in (f.EntryCorrected, f.EntryWithdrawn):
            await self._fill_in(opened)
        elif self._drafts:
            _ = self.sight.words.gettext
            self.tell(_("What was typed and not written the last time is still here: open its form again."))

    def _terminal_gone(self, number: int) -> None:
        """Keep what is not written, then go as the signal says."""
        keep(self._drafts_at, self._unwritten())
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    def _entry(self, recorded: Recorded) -> Text:
        return lines.entry(recorded, self.sight, max(self.size.width - 4, 20))


def _title(desk: Desk) -> str:
    return initial(desk.texts.gettext("SAY TO WHOEVER RINGS"))
