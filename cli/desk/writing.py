"""Filling in and writing: one form, or a heap of papers. No rule stands here: what may be written, and what is said of
it, is `application.recording`'s."""

from dataclasses import replace
from functools import partial

from rich.text import Text
from textual import on, work
from textual.timer import Timer

from application.desk import Desk
from application.recording import Acknowledgement
from cli.desk import answers, sheets
from cli.desk.drafts import DraftFile, Drafts
from cli.desk.form import Form, Values
from cli.desk.frame import Frame
from cli.desk.heap import Heap, HeapPaper, Papers, number_to_give
from cli.desk.lists import ReadingPage
from cli.desk.panels import Panel
from cli.desk.sheets import Sheet, new_command_id
from cli.desk.sight import Sight, look
from cli.terminal.fields import Typed
from domain import facts as f
from domain.fact import Fact, Recorded
from domain.refusals import Damaged, Refusal, Unavailable
from wording import times
from wording.sentences import sentence

PAUSE = 0.08
"""Seconds without a key before it is said what would come of a form."""


class Writing(Frame):
    """A desk that writes, and keeps from key to key what is not written yet."""

    def __init__(self, desk: Desk, login: str, first: Sight, drafts: DraftFile) -> None:
        super().__init__(desk, login, first)
        self._draft_file = drafts
        self._drafts, self._papers = Drafts(), Papers()
        self._last: Recorded | None = None
        self._answered: Values | None = None
        self._pause: Timer | None = None
        self._behind: Sheet | None = None
        """The form that somebody comes back to who has read the mail that it makes."""

    async def _tick(self) -> None:
        await super()._tick()
        if self._papers.waiting:
            self._write_papers()

    async def _open(self, panel: Panel) -> None:
        self._answered = None
        await super()._open(panel)

    def _keep(self) -> None:
        self._draft_file.keep(self._unwritten())

    def _unwritten(self) -> Drafts:
        drafts = replace(self._drafts, forms=dict(self._drafts.forms), open="")
        if isinstance(self._panel, Form) and self._panel.is_unwritten:
            drafts.open = self._panel.sheet.key
            drafts.forms[drafts.open] = self._panel.draft
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

    # one form

    async def _open_form(self, sheet: Sheet) -> None:
        form = Form(sheet, answers.title(sheet, self.sight), answers.form_keys(sheet, self.sight.words))
        await self._open(form)
        self.tell("")
        self._take_up(form)

    def _take_up(self, form: Form) -> None:
        """What was typed in the form the last time is in it again, and no draft any more."""
        if (draft := self._drafts.forms.pop(form.sheet.key, None)) is not None:
            form.take_up(draft)
            form.begin()
            self.tell(self.sight.words.gettext("What you typed the last time is here."))

    @on(Form.Changed)
    def _about_to_be_said(self, event: Form.Changed) -> None:
        """Once nobody types for a moment it is said what would come of it; it is kept at once."""
        self._keep()
        if self._pause is not None:
            self._pause.stop()
        form = event.form
        self._pause = self.set_timer(PAUSE, partial(self._foresee, form))

    @work(group="ahead", exclusive=True)
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

    @on(Form.Mail)
    def _mail_asked(self, event: Form.Mail) -> None:
        form = event.form
        if form is self._panel and form.sheet.fact is f.OperatingInformationPublished and not self._lacks(form):
            self.goes_on(self._show_mail(form))

    async def _show_mail(self, form: Form) -> None:
        """What the public will get by mail. What was typed waits for whoever has read it."""
        words = self.sight.words
        try:
            shown = await self.in_log(lambda: self._previewed(form.sheet, form.typed))
        except Refusal as refusal:
            self._answer(form, Text(sheets.told(refusal, form.sheet, words), style="yellow"))
            return
        if form is self._panel:
            self._drafts.forms[form.sheet.key], self._behind = form.draft, form.sheet
            await self._open(ReadingPage(shown, words.gettext("↑ ↓  Esc back")))
            self.tell("")
            self._keep()

    def _previewed(self, sheet: Sheet, typed: Typed) -> Text:
        from application.preview import public_mail  # a desk at which nobody publishes writes no mail

        mail = public_mail(self._desk, sheets.write(self._desk, self._login, sheet, typed, dry_run=True))
        return answers.mail(mail, self.sight.words) if mail else Text()

    def _lacks(self, form: Form) -> bool:
        """Whether something is missing in the form, which is then said."""
        if (field := form.sheet.missing(form.typed)) is None:
            return False
        form.point_at(field)
        said = self.sight.words.gettext("{field} is missing: {help}")
        self._answer(form, said.format(field=field.label, help=field.help))
        return True

    def _answer(self, form: Form, said: str | Text) -> None:
        """What was asked for of a form stands until something else is typed in it."""
        self._answered = form.typed
        self.tell(said)

    @on(Form.Sent)
    def _send(self, event: Form.Sent) -> None:
        """Write what the form says."""
        form = event.form
        if form is not self._panel or self._lacks(form):
            return
        form.is_sending = True
        self.tell(self.sight.words.gettext("Writing …"))
        self.goes_on(self._write(form))

    async def _write(self, form: Form) -> None:
        sheet, typed = form.sheet, form.typed
        try:
            written, sight = await self.in_log(lambda: self._write_and_look(sheet, typed))
        except Refusal as refusal:
            form.is_sending = False
            if form is self._panel:
                self._refused(form, refusal)
            else:
                self.tell(Text(sheets.told(refusal, sheet, self.sight.words), style="bold yellow"))
            return
        self._drafts.forms.pop(sheet.key, None)
        self._wrote(written, sight, is_followed=form is self._panel)
        if form is self._panel:
            await self._go_home(answers.written(written, self.sight))
        else:
            self.tell(answers.written(written, sight))
        self._keep()

    def _write_and_look(self, sheet: Sheet, typed: Typed) -> tuple[Acknowledgement, Sight]:
        written = sheets.write(self._desk, self._login, sheet, typed)
        sight = look(self._desk, self._login, written.recorded.incident)
        is_over = sight.incident is not None and not sight.incident.open
        return written, look(self._desk, self._login) if is_over else sight

    def _wrote(self, written: Acknowledgement, sight: Sight, *, is_followed: bool) -> None:
        """What is followed takes the screen to its incident. Whatever was written meanwhile, as a paper is, takes
        nobody from the incident that they are at."""
        self._last, self._trouble = written.recorded, None
        if is_followed:
            self._chosen = sight.number
        if is_followed or sight.number == self.sight.number:
            self._saw(sight)

    def _refused(self, form: Form, refusal: Refusal) -> None:
        """Why not, with the cursor where it is to be mended. What was typed stands."""
        sight, words = self.sight, self.sight.words
        said = sheets.told(refusal, form.sheet, words)
        if (field := sheets.field_of(refusal, form.sheet)) is not None:
            form.point_at(field)
            not_yet = refusal.reason == "future" or refusal.data.get("since", sight.at) > sight.at
            if not_yet and (earlier := answers.yesterday(str(form.typed[field.name]), self._desk)):
                form.fill({field.name: earlier})
                said = words.gettext("Was it {time}? Enter writes it.").format(time=earlier)
        elif isinstance(refusal, Unavailable):
            said += " " + words.gettext("What you typed is still here: Enter tries again.")
        self._answer(form, Text(said, style="bold yellow"))

    # a heap of papers

    async def _open_heap(self, fact: type[Fact]) -> None:
        sight = self.sight
        if not sight.may_ever_record(fact):
            self.tell(answers.whose(fact, sight))
            return
        keys = sight.words.gettext("Enter writes  Ctrl+T received/entered  Esc done")
        outstanding = list(sight.incident.outstanding) if sight.incident else []
        sheet = sheets.sheet_of(fact, sight)
        counts = answers.counts(sight.words)
        heap = Heap(sheet, answers.title(sheet, sight), keys, self._papers, counts, outstanding)
        await self._open(heap)
        self.tell(sight.words.gettext("The number on the paper, then Enter. A paper without one: Enter gives it one."))
        self._take_up(heap)

    @on(Heap.Turned)
    async def _turn_heap(self) -> None:
        if isinstance(self._panel, Heap):
            other = f.ReferralEntered if self._panel.sheet.fact is f.ReferralReceived else f.ReferralReceived
            await self._open_heap(other)

    @on(Heap.Numbered)
    def _enter_paper(self, event: Heap.Numbered) -> None:
        sight, heap, typed = self.sight, event.heap, event.heap.typed
        if not typed["serial"]:
            number = number_to_give(sight.incident, self._papers)
            heap.fill({"serial": number})
            said = sight.words.gettext("Write {number} on the paper, then Enter.").format(number=number)
            self._answer(heap, Text(said, style="bold"))
            return
        self._papers.all.append(self._paper(replace(heap.sheet.filled(typed), command_id=new_command_id())))
        heap.fill({"serial": "", "reference": ""})
        heap.show_papers()
        self._keep()
        self._write_papers()

    def _paper(self, sheet: Sheet) -> HeapPaper:
        """One that happened when Enter was pressed, or when it was said to have then, however late it is written."""
        now, said = self._desk.now(), str(sheet.typed[sheets.AT])
        try:
            moment = times.parse(said, now) if said else now
        except Refusal as refusal:
            return HeapPaper(sheet, sheets.told(refusal, sheet, self.sight.words), "refused")
        return HeapPaper(sheet.filled({sheets.AT: moment.isoformat(timespec="seconds")}))

    @work(group="papers", exclusive=True)
    async def _write_papers(self) -> None:
        """Those that wait, in their order; one by one, so that each is answered for."""
        for paper in self._papers.waiting:
            sheet = paper.sheet
            try:
                written, sight = await self.in_log(partial(self._write_and_look, sheet, sheet.typed))
            except (Unavailable, Damaged) as away:
                self._trouble = away
                break
            except Refusal as refusal:
                paper.state, paper.said = "refused", sheets.told(refusal, sheet, self.sight.words)
                if not isinstance(self._panel, Heap):
                    self.tell(Text(f"✗ {paper.serial}  {paper.said}", style="bold yellow"))
            else:
                paper.state, paper.said = "written", answers.in_short(written, sight)
                self._wrote(written, sight, is_followed=False)
        self._keep()
        if isinstance(self._panel, Heap):
            self._panel.show_papers()
            if isinstance(self._trouble, Refusal):
                self.tell(Text(sentence(self._trouble, self.sight.words), style="bold yellow"))
