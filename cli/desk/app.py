"""The desk: one screen for the whole day, what each key does, and what is kept while it is away."""

import signal
from contextlib import ExitStack
from dataclasses import replace
from functools import partial

from rich.text import Text
from textual import on

from application import authority
from application.desk import Desk
from application.incidents import NEW
from application.signals import answered
from cli.desk import answers, lines, sheets
from cli.desk.drafts import DraftFile
from cli.desk.form import Form
from cli.desk.frame import Home
from cli.desk.hang_up import end_with_terminal
from cli.desk.heap import HeapPaper, is_to_be_entered
from cli.desk.key_by_key import WITHIN
from cli.desk.lists import Entries, ReadingPage, Search
from cli.desk.panels import Panel
from cli.desk.sight import Sight
from cli.desk.writing import Writing
from domain import facts as f
from domain.fact import CATALOGUE, Fact, Recorded
from domain.vocabulary import Status
from wording.facts import fields_of, initial
from wording.synonyms import nearest

HEAP = (f.ReferralReceived, f.ReferralEntered)


class DeskScreen(Writing):
    """The desk of one person."""

    def __init__(self, desk: Desk, login: str, first: Sight, drafts: DraftFile) -> None:
        super().__init__(desk, login, first, drafts)
        self.fault: Exception | None = None
        self._until_unmounted = ExitStack()

    async def on_mount(self) -> None:
        gone = {name: partial(self._terminal_gone, name) for name in ("SIGHUP", "SIGBREAK")}
        self._until_unmounted.enter_context(answered({**gone, "SIGTERM": self._asked_to_go}))
        if not self.is_headless:
            end_with_terminal(WITHIN + 1)
        self.query_one("#say").border_title = _title(self._desk)
        self.screen.set_focus(self.query_one(Home))
        self._show()
        await self._take_up_what_was_kept()
        self.set_interval(1, self._tick)

    async def on_unmount(self) -> None:
        self._until_unmounted.close()
        await self.in_log(self._desk.close)
        self._thread.shutdown()
        self._draft_file.close()

    @on(Panel.Left)
    async def _left(self) -> None:
        """What was typed in a form stays for the next time it is opened; whoever has read its mail is back in it."""
        if (sheet := self._behind) is not None:
            self._behind = None
            await self._open_form(sheet)
            return
        said = ""
        if isinstance(self._panel, Form) and self._panel.is_unwritten:
            self._drafts.forms[self._panel.sheet.key] = self._panel.draft
            _ = self.sight.words.gettext
            said = (
                _("It is still being written: you are told here how it went.")
                if self._panel.is_sending
                else _("Nothing was written. What you typed is there when you come back to it.")
            )
        await self._go_home(said)
        self._keep()

    # keys of the first screen

    async def action_duty(self, digit: int) -> None:
        if self.sight.incident is None:
            if digit <= len(f.OPENERS):
                await self._fill_in(f.OPENERS[digit - 1])
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
        keys = _("r corrects  t takes back or moves  ↑ ↓  Esc back")
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
        self.tell("")
        self.goes_on(self._look())

    async def action_explain(self) -> None:
        words = self.sight.words
        await self._open(ReadingPage(answers.explained(self.sight), words.gettext("↑ ↓  Esc back")))
        self.tell("")

    def _handle_exception(self, error: Exception) -> None:
        """Whatever is wrong with us: what was typed is kept, and the program's last door says the rest."""
        self._keep()
        self.fault = error
        super()._handle_exception(error) if self.is_headless else self.exit(return_code=1)

    async def action_quit(self) -> None:
        self._keep()
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

    @on(Search.Chosen)
    async def _search_chose(self, event: Search.Chosen) -> None:
        await self._fill_in(event.fact)

    @on(Entries.Looked)
    def _looked_at(self, event: Entries.Looked) -> None:
        words, recorded = self.sight.words, event.recorded
        said = fields_of(recorded.fact, words, self.sight.at, self.sight.corrected_by(recorded.fact))
        who = words.name(recorded.recorded_as)
        entry = words.gettext("entry {entries}").format(entries=recorded.entry)
        late = words.gettext("written late: {text}").format(text=recorded.late_because) if recorded.late_because else ""
        self.tell("; ".join(filter(None, (f"{entry}, {who}", said, recorded.note, recorded.deviation, late))))

    @on(Entries.Wrong)
    async def _correct(self, event: Entries.Wrong) -> None:
        await self._open_form(sheets.correction_of(event.recorded, self.sight))

    @on(Entries.Mistaken)
    async def _mistaken(self, event: Entries.Mistaken) -> None:
        await self._withdraw(event.recorded, "")

    async def _withdraw(self, recorded: Recorded, reason: str) -> None:
        known = {"entry": str(recorded.entry), "reason": reason}
        await self._open_form(sheets.sheet_of(f.EntryWithdrawn, self.sight, known))

    # what is kept while the desk is away

    async def _take_up_what_was_kept(self) -> None:
        self._drafts = self._draft_file.take_up()
        for paper in self._drafts.papers:
            sheet = sheets.sheet_of(CATALOGUE[paper["fact"]], self.sight).filled(paper["typed"])
            again = replace(sheet, incident=paper["incident"], command_id=paper["command_id"])
            self._papers.all.append(HeapPaper(again))
        if self._drafts.open and await self._reopen(*self._drafts.open.split()):
            return
        if self._drafts.forms:
            _ = self.sight.words.gettext
            self.tell(_("What was typed and not written the last time is still here: open its form again."))

    async def _reopen(self, incident: str, wire: str, entry: str = "") -> bool:
        """The form that was open, by its key; False where there is no such form any more."""
        if incident in self.sight.reachable and incident != self.sight.number:
            self._chosen = incident
            await self._look()
        fact = CATALOGUE.get(wire)
        about = next((recorded for recorded in self.sight.latest if str(recorded.entry) == entry), None)
        if fact is None or incident != (self.sight.number or NEW) or bool(entry) != bool(about):
            return False
        if about is None:
            await self._fill_in(fact)
        elif fact is f.EntryCorrected:
            await self._open_form(sheets.correction_of(about, self.sight))
        else:
            await self._withdraw(about, "")
        return True

    def _asked_to_go(self) -> None:
        """Let what has been typed find its place."""
        self._keep()
        self.run_worker(self._go_once_all_is_typed())

    async def _go_once_all_is_typed(self) -> None:
        await self.all_typed()
        self._terminal_gone("SIGTERM")

    def _terminal_gone(self, name: str) -> None:
        """Keep what is not written, then go as the signal says: at once, for nobody takes any more what is drawn."""
        self._keep()
        signal.signal(getattr(signal, name), signal.SIG_DFL)
        signal.raise_signal(getattr(signal, name))

    def _entry(self, recorded: Recorded) -> Text:
        return lines.entry(recorded, self.sight, max(self.size.width - 4, 20))


def _title(desk: Desk) -> str:
    return initial(desk.texts.gettext("SAY TO WHOEVER RINGS"))
