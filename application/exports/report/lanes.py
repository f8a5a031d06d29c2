"""The lanes of the drawing, one function each, from the facts to the mail. Pure."""

from collections.abc import Iterator
from functools import partial

from application.exports.report.canvas import number, room
from application.exports.report.events import flags, strokes, written_twice
from application.exports.report.model import NoticeTold
from application.exports.report.sheet import SIZE, TimelineSheet
from application.exports.report.words import clock, hour
from domain.conditions import Span
from domain.delivery import DeliveryState
from domain.facts import ActivationDeferred
from wording import times

FLAG = 16
"""How far apart the rows of flags are."""

TOGETHER = 12
"""Mails that are closer than this are one tick with their number."""

CROSS = 5
"""How far a cross reaches to either side."""


def facts(sheet: TimelineSheet) -> None:
    """The two clocks: above when it happened, below when it was written. What was late slants."""
    _ = sheet.report.words.gettext
    rows = flags(sheet.report, sheet.along, sheet.layout.flags, sheet.layout.width, SIZE)
    if not sheet.layout.gutter:
        sheet.head(_("happened"), "lane clocks")
    high = FLAG * (max((flag.row for flag in rows), default=-1) + 1) + 8
    happened = sheet.canvas.height + high
    wrote = happened + 34
    for flag in rows:
        sheet.canvas.line(flag.x, happened, flag.x, happened - 9 - FLAG * flag.row, "leader")
    for flag in rows:
        y = happened - 12 - FLAG * flag.row
        x = flag.left + 3 if flag.anchor == "start" else flag.right - 3
        sheet.canvas.text(x, y, flag.text, f"flag {flag.kind}", flag.anchor)
    left, right = sheet.along.stretches[0].left, sheet.along.stretches[-1].right
    for y in (happened, wrote):
        sheet.canvas.line(left, y, right, y, "clockline")
    for moment in written_twice(sheet.report):
        sheet.canvas.dot(sheet.along.x(moment), happened, 3, "ghost", _("when it was first said to have happened"))
    for stroke in strokes(sheet.report, sheet.along):
        sheet.canvas.line(stroke.x, happened, stroke.written_x, wrote, f"stroke {stroke.kind}", stroke.title)
        sheet.canvas.dot(stroke.x, happened, 3.5, f"dot {stroke.kind}")
        sheet.canvas.bar(stroke.written_x - 1.5, wrote - 3, 3, 6, f"pin {stroke.kind}")
    if sheet.layout.gutter:
        sheet.canvas.text(0, happened + 4, _("happened"), "lane clocks")
        sheet.canvas.text(0, wrote + 4, _("recorded"), "lane clocks")
    else:
        sheet.canvas.text(0, wrote + 18, _("recorded"), "lane clocks")
    sheet.canvas.height = wrote + (14 if sheet.layout.gutter else 28)
    sheet.rule(sheet.canvas.height)
    sheet.canvas.height += 4


def systems(sheet: TimelineSheet) -> None:
    """Each system while it was down."""
    _ = sheet.report.words.gettext
    for system, spans in sheet.report.periods.systems.items():
        down = partial(sheet.lasts, spans=spans, kind="outage")
        sheet.lane(_("{system} down").format(system=sheet.report.words.name(system)), down)


def countdown(sheet: TimelineSheet) -> None:
    """The reserve routine's clock, an hour a step, and what went on after it had run out."""
    _ = sheet.report.words.gettext
    countdowns = sheet.report.periods.countdowns
    if not countdowns:
        return

    def clocks(top: float) -> None:
        for clock_ in countdowns:
            stop = clock_.stopped_at or (sheet.report.made_at if sheet.report.incident.open else clock_.due_at)
            counted = Span(clock_.began_at, min(clock_.due_at, max(stop, clock_.began_at)))
            if clock_.ran_out and stop > clock_.due_at:
                over = Span(clock_.due_at, stop)
                sheet.bar(top, over, "over", _("past {time}").format(time=hour(clock_.due_at)))
            words = _("{span} at {time}").format(
                span=times.span(clock_.due_at - clock_.began_at), time=hour(clock_.due_at)
            )
            counted_out = counted.end == clock_.due_at
            sheet.bar(top, counted, "clock", words if counted_out else "", words, within=clock_.ran_out)
            sheet.bar(top, Span(counted.start, clock_.due_at), "ahead", "" if counted_out else words, words)

    sheet.lane(_("The clock of {span}").format(span=times.span(sheet.report.routine.reserve_routine.after)), clocks)


def prognoses(sheet: TimelineSheet) -> None:
    """Each prognosis from when it was given to the time that it promised; solid while it was in force."""
    _ = sheet.report.words.gettext
    promises = sheet.report.periods.promises
    if not promises:
        return
    rows: list[float] = []
    placed = []
    for promise in promises:
        told = promise.prognosis
        words = _("back {time}").format(time=hour(told.restored_by))
        start = sheet.along.x(told.received_at)
        end = sheet.along.x(max(told.restored_by, told.received_at)) + room(words, SIZE)
        row = next((place for place, right in enumerate(rows) if right <= start), len(rows))
        rows[row:] = [end + 4, *rows[row + 1 :]]
        placed.append((row, promise, words))

    def bars(top: float) -> None:
        for row, promise, words in placed:
            told = promise.prognosis
            y = top + row * sheet.layout.lane
            title = _("entry {entry}: {what}").format(entry=told.entry, what=words)
            title += f" – {told.source}" if told.source else ""
            if promise.held_until > told.received_at:
                sheet.bar(y, Span(told.received_at, promise.held_until), "prognosis", "", title)
            sheet.bar(y, Span(told.received_at, max(told.restored_by, told.received_at)), "promised", words, title)

    sheet.lane(_("Prognosis"), bars, len(rows))


def waits(sheet: TimelineSheet) -> None:
    """What was waited for: an instruction, or a time that was decided."""
    _ = sheet.report.words.gettext
    awaited = sheet.report.spans.get("awaiting-instruction", [])
    if awaited:
        sheet.lane(_("An instruction is awaited"), lambda top: sheet.lasts(top, awaited, "waiting"))
    deferred = [
        Span(recorded.occurred_at, recorded.fact.until)
        for recorded in sheet.report.happened
        if isinstance(recorded.fact, ActivationDeferred)
    ]
    if deferred:
        sheet.lane(_("Activation deferred"), lambda top: sheet.lasts(top, deferred, "waiting"))


def routine(sheet: TimelineSheet) -> None:
    """While the reserve routine applied."""
    _ = sheet.report.words.gettext
    active = sheet.report.spans.get("reserve-routine-active", [])
    if active:
        sheet.lane(_("Reserve routine"), lambda top: sheet.lasts(top, active, "reserve"))


def paper(sheet: TimelineSheet) -> None:
    """How many referrals were left, as steps."""
    _ = sheet.report.words.gettext
    steps = sheet.report.periods.paper
    if not steps:
        return
    most = max(left for _at, left in steps)

    def area(top: float) -> None:
        base, high = top + 40, 28.0
        d = [f"M{number(sheet.along.x(steps[0][0]))} {number(base)}"]
        drawn = ""
        for at, left in steps:
            step = f"H{number(sheet.along.x(at))}V{number(base - high * left / most)}"
            d.append(step if step != drawn else "")
            drawn = step
        if steps[-1][1]:
            d.append(f"H{number(sheet.along.x(sheet.report.made_at))}V{number(base)}")
        words = sheet.report.words.ngettext("at most {count} referral left", "at most {count} referrals left", most)
        sheet.canvas.path("".join(d) + "Z", "paper", words.format(count=most))
        peak = next(at for at, left in steps if left == most)
        sheet.canvas.text(sheet.along.x(peak), base - high - 3, str(most), "beside", "middle")

    sheet.canvas.height += 2
    sheet.head(_("Paper left"))
    area(sheet.canvas.height)
    sheet.canvas.height += 48


def mail(sheet: TimelineSheet) -> None:
    """A tick for every mail that its channel took, a cross for one that was refused."""
    _ = sheet.report.words.gettext
    if not sheet.report.told:
        return
    sheet.rule(sheet.canvas.height + 4)
    sheet.canvas.text(0, sheet.canvas.height + 20, _("Mail to"), "lane")
    sheet.canvas.height += 28
    for audience in sheet.report.audiences:
        told = [t for t in sheet.report.told if t.audience is audience and t.at]
        if told:
            sheet.lane(sheet.report.words.name(audience), partial(_ticks, sheet, told=told), kind="lane reader")


def _ticks(sheet: TimelineSheet, top: float, told: list[NoticeTold]) -> None:
    y, taken_until = top + sheet.layout.lane / 2, float(-CROSS)
    for x, together in _clusters(sheet, told, DeliveryState.SENT):
        sheet.canvas.bar(x - 2, y - 6, 4, 12, "mail", _mails(together, sheet))
        count = len({one.mail for one in together})
        if count > 1:
            sheet.canvas.text(x + 4, y + 4, str(count), "beside")
    taken = [(x - 2, x + _wide(together)) for x, together in _clusters(sheet, told, DeliveryState.SENT)]
    for x, together in _clusters(sheet, told, DeliveryState.REFUSED):
        place = max(x, taken_until + CROSS)
        for left, right in taken:
            place = right + CROSS if left - CROSS < place < right + CROSS else place
        taken_until = place + CROSS
        cross = f"M{number(place - 4)} {number(y - 4)}l8 8m0 -8l-8 8"
        sheet.canvas.path(cross, "refused", _mails(together, sheet))


def _mails(together: list[NoticeTold], sheet: TimelineSheet) -> str:
    count = len({one.mail for one in together})
    title = sheet.report.words.ngettext(
        "{time}: {count} mail, entry {entries}", "{time}: {count} mails, entries {entries}", count
    )
    return title.format(
        time=clock(together[0].at or sheet.report.made_at),
        count=count,
        entries=", ".join(map(str, sorted({one.entry for one in together}))),
    )


def _clusters(
    sheet: TimelineSheet, told: list[NoticeTold], state: DeliveryState
) -> Iterator[tuple[float, list[NoticeTold]]]:
    """What would be drawn on top of each other, or on the number beside, together."""
    some = sorted(
        ((sheet.along.x(one.at), one) for one in told if one.at and one.state is state), key=lambda pair: pair[0]
    )
    found: list[tuple[float, list[NoticeTold]]] = []
    for x, one in some:
        if found and x - 2 < found[-1][0] + _wide(found[-1][1]):
            found[-1][1].append(one)
        else:
            found.append((x, [one]))
    yield from found


def _wide(together: list[NoticeTold]) -> float:
    """How far a tick reaches to the right, with its number."""
    count = len({one.mail for one in together})
    return max(TOGETHER, 6 + room(str(count), SIZE) if count > 1 else 0)
