"""`review`: whether the routine was followed, duty by duty, and what another routine would have said."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import click

from application import documents
from application.authority import logins
from application.desk import Desk
from application.incidents import chosen
from cli.terminal.colours import VERDICTS as COLOURS
from cli.terminal.command import Command, answer
from cli.terminal.exit_codes import FINDINGS
from cli.terminal.incident_number import IncidentNumber
from cli.terminal.lines import table, wrap, wrapped
from cli.terminal.login import login_at_the_keyboard
from cli.terminal.options import Time, Written
from cli.terminal.parameters import Argument, Option
from cli.terminal.reviewed import authority_blocks, review_blocks
from cli.terminal.routine_file import draft
from cli.terminal.standing import others_go_on
from domain.fact import Recorded
from domain.hindsight import reviewed
from domain.history import as_happened, as_known
from domain.refusals import NotFound
from domain.review import verdicts
from domain.routine import Routine
from domain.staff import Entitlement, HowHeld, authorities, is_from_before
from domain.texts import N_
from domain.verdict import Verdict
from domain.vocabulary import Status
from infrastructure.log.clocks import all_set_back, known_before
from wording import times
from wording.clocks import left_out
from wording.verdicts import SHORT, VERDICTS, word_of
from wording.words import Texts, Words

NOT_KEPT = ("late", "overdue", "missed")


def _review(
    desk: Desk,
    incident: str | None,
    every: bool,
    routine_file: str | None,
    known_at: datetime | None,
    bundle: str | None,
    keys: tuple[str, ...],
) -> int:
    _ = desk.texts.gettext
    if bundle:
        if incident or every or routine_file or known_at:
            raise click.UsageError(_("--bundle is judged by what stands in it, at the moment that it names."))
        return _review_bundle(desk, bundle, keys)
    if keys:
        raise click.UsageError(_("--key is for --bundle."))
    if known_at and (every or routine_file):
        raise click.UsageError(_("--known-at is for one incident by its own routine."))
    if incident and every:
        raise click.UsageError(_("Either one incident or --all: leave one of the two out."))
    tried = draft(routine_file, desk.texts, desk.now())[0] if routine_file else None
    if every:
        return _review_all(desk, tried)
    which = chosen(incident, desk)
    return _what_if(desk, which, tried) if tried else _review_one(desk, which, known_at)


Fared = tuple[str, int]
"""A verdict's word, and by how many seconds it is late."""


def _what_if(desk: Desk, which: str, other: Routine) -> int:
    """How the same history fares by another routine: which verdicts change."""
    _ = desk.texts.gettext
    now, history = desk.now(), desk.history(which)
    happened, own = as_happened(history), desk.incident(history).routine
    found = verdicts(happened, other, now)
    today, then = _by_duty(verdicts(happened, own, now)), _by_duty(found)
    changed = [duty for duty in {**today, **then} if today.get(duty) != then.get(duty)]
    changes = [
        {"duty": duty, **_fared("was", today.get(duty)), **_fared("becomes", then.get(duty))} for duty in changed
    ]
    rows = [[duty, _words(today.get(duty), desk.texts), _words(then.get(duty), desk.texts)] for duty in changed]
    title = _("{incident} by {routine} {version}:").format(incident=which, routine=other.id, version=other.version)
    told = table([_("duty"), _("was"), _("becomes")], rows) if rows else _("No verdict changes.")
    answer(
        documents.review(which, history, other, reviewed(history, other, now), desk.texts.of(other))
        | {
            "clocks": documents.clocks(history, all_set_back(desk.database)),
            "authority": documents.authority(authorities(history, desk.staff.history())),
            "changes": changes,
        },
        f"{title}\n{told}",
    )
    return _findings(found)


def _by_duty(found: list[Verdict]) -> dict[str, list[Fared]]:
    by_duty: dict[str, list[Fared]] = {}
    for verdict in found:
        by_duty.setdefault(verdict.duty.id, []).append((verdict.word, int(verdict.late.total_seconds())))
    return by_duty


def _fared(key: str, fared: list[Fared] | None) -> dict[str, Any]:
    """The words, and beside them how late each is; null where the routine has no such duty."""
    words, late = ([word for word, _late in fared], [late for _word, late in fared]) if fared else (None, None)
    return {key: words, f"{key}_late_seconds": late}


def _words(fared: list[Fared] | None, texts: Texts) -> str:
    _ = texts.gettext
    said = []
    for word, late in fared or ():
        by = _("{span} late").format(span=times.span(timedelta(seconds=late))) if late else ""
        said.append(f"{word_of(word, texts)} ({by})" if by else word_of(word, texts))
    return ", ".join(said) or "–"


def _findings(found: list[Verdict]) -> int:
    return FINDINGS if any(verdict.word in NOT_KEPT for verdict in found) else 0


def _review_all(desk: Desk, tried: Routine | None) -> int:
    """How many duties of every incident fared how by its own routine, and beside it by one that is tried."""
    _ = desk.texts.gettext
    now = desk.now()
    answers: list[dict[str, Any]] = []
    rows: list[list[str]] = []
    routines: list[Routine] = []
    duties: list[str] = []
    unread: list[str] = []
    for which in desk.board.all_incidents():
        with others_go_on(desk, which, unread):
            history = desk.history(which)
            incident = desk.incident(history)
            happened, own = as_happened(history), incident.routine
            found = verdicts(happened, own, now)
            was = _counts(found)
            if tried:
                found = verdicts(happened, tried, now)
            counts, not_kept = _counts(found), [verdict for verdict in found if verdict.word in NOT_KEPT]
            before = {"was": {"routine": documents.version(own), **was}} if tried else {}
            named = {"incident": which, "status": incident.status, "routine": documents.version(tried or own)}
            answers.append(named | counts | before | {"not_kept": [_not_kept(verdict) for verdict in not_kept]})
            in_words = desk.texts.of(tried or own)
            duties += [_in_a_line(which, verdict, in_words) for verdict in not_kept]
            rows.append([which, *("–" if incident.voided else _change(was[word], counts[word]) for word in VERDICTS)])
            routines.append(own)
    head = [_("incident"), *(_(words) for words in SHORT.values()), _("routine")]
    only = len({routine.id for routine in routines}) == 1  # then its version is enough, and fits
    by = [routine.version if only else f"{routine.id} {routine.version}" for routine in routines]
    rows = [[*row, version] for row, version in zip(rows, by, strict=True)]
    said = table(head, rows) if rows else _("There is no incident yet.")
    if voided := sum(document["status"] is Status.VOIDED for document in answers):
        words = desk.texts.ngettext(
            "{count} incident is voided, and not judged.", "{count} incidents are voided, and not judged.", voided
        )
        said += "\n" + words.format(count=voided)
    said = "\n".join([said, *duties])
    if tried:
        title = _("By {routine} {version}, and where it changes something what it was:")
        said = f"{wrapped(title.format(routine=tried.id, version=tried.version), 0)}\n{said}"
    answer(answers, "\n".join([said, *unread] if rows or not unread else unread))
    return FINDINGS if any(document[word] for document in answers for word in NOT_KEPT) else 0


def _not_kept(verdict: Verdict) -> dict[str, Any]:
    late = int(verdict.late.total_seconds())
    return {"duty": verdict.duty.id, "rules": list(verdict.duty.rules), "verdict": verdict.word, "late_seconds": late}


def _in_a_line(which: str, verdict: Verdict, words: Words) -> str:
    """Which duty it was that was not kept, and how it fared."""
    late = words.gettext("{span} late").format(span=times.span(verdict.late)) if verdict.late else ""
    duty = f"{verdict.duty.text.in_(words.language)} ({', '.join(verdict.duty.rules)})"
    word = click.style(word_of(verdict.word, words), fg=COLOURS.get(verdict.word))
    said = f"{which}  {word}: {duty}" + (f", {late}" if late else "")
    return wrap(said, subsequent_indent="  ")


def _counts(found: list[Verdict]) -> dict[str, int]:
    return {word: sum(verdict.word == word for verdict in found) for word in VERDICTS}


def _change(was: int, becomes: int) -> str:
    return str(was) if was == becomes else click.style(f"{was} → {becomes}", bold=True)


def _review_one(desk: Desk, which: str, known_at: datetime | None) -> int:
    """By what is known now, or was known at a moment; then as it stood at that moment."""
    now, everything = known_at or desk.now(), desk.history(which)
    before = known_before(desk.database, known_at) if known_at else None

    def known(facts: Sequence[Recorded]) -> Sequence[Recorded]:
        return as_known(facts, known_at, before) if known_at else facts

    history = known(everything)
    if known_at and not history:
        raise NotFound("not-known-then", incident=which, time=times.clock(known_at))
    routine = desk.incident(everything).routine
    words = desk.texts.of(routine)
    _ = words.gettext
    lines = reviewed(history, routine, now)
    blocks = [_title(which, routine, words)]
    if known_at:
        blocks.append(wrapped(_("By what was known {time}.").format(time=times.clock(known_at)), 0))
        if said := left_out(everything, history, known_at, words):
            blocks.append(wrapped(click.style(said, fg="yellow"), 0))
    clocks = all_set_back(desk.database)
    blocks += review_blocks(history, routine, lines, clocks, words)
    staff = desk.staff.history()
    stands_on = authorities(history, known(staff) or [told for told in staff if is_from_before(told)])
    blocks += authority_blocks(stands_on, words, now, logins(desk, login_at_the_keyboard()))
    document = documents.review(which, history, routine, lines, words)
    document |= {"clocks": documents.clocks(history, clocks), "authority": documents.authority(stands_on)}
    answer(document, "\n".join(blocks))
    return _findings([line.verdict for line in lines if isinstance(line.verdict, Verdict)]) or _unfounded(stands_on)


def _unfounded(stands_on: Sequence[Entitlement]) -> int:
    return FINDINGS if any(stand.standing is HowHeld.NOT_HELD for stand in stands_on) else 0


def _review_bundle(desk: Desk, path: str, keys: tuple[str, ...]) -> int:
    """The review done again from the facts and the routine of a bundle, and held against what it says."""
    from application.bundles import check, judge
    from application.evidence import known_keys
    from cli.terminal.bundled import bundle_code, bundle_document, bundle_lines

    checked = check(path, known_keys(desk.settings, keys))
    judged = judge(checked)
    own = {"bundle": bundle_document(checked, desk.texts)}
    if judged is None:
        answer(own, "\n".join(bundle_lines(checked, desk.texts)))
        return bundle_code(checked)
    history, routine, lines, clocks = judged.history, judged.routine, judged.lines, judged.clocks
    words = desk.texts.of(routine)
    blocks = [_title(checked.incident, routine, words), *review_blocks(history, routine, lines, clocks, words)]
    blocks += authority_blocks(judged.stands_on, words, desk.now(), {})
    document = documents.review(checked.incident, history, routine, lines, words)
    document |= {"clocks": documents.clocks(history, clocks), "authority": documents.authority(judged.stands_on)}
    answer(document | own, "\n".join([*blocks, "", *bundle_lines(checked, desk.texts)]))
    return bundle_code(checked)


def _title(which: str, routine: Routine, words: Words) -> str:
    return f"{click.style(which, bold=True)}  {routine.title.in_(words.language)}, {routine.version}"


review = Command(
    "review",
    _review,
    help=N_(
        "Whether the routine was followed: a verdict for every duty, its evidence and its clause. Ends with 6 if not. "
        "With --bundle it ends as verify --bundle does: 0 where the bundle holds, 6 where it does not, 1 where not all "
        "could be checked."
    ),
    examples=(
        "reservrutin review 2026-0007\nreservrutin review 2026-0007 --routine draft.toml\nreservrutin review --all\n"
        "reservrutin review 2026-0007 --known-at 12:20\nreservrutin review --bundle bevis.zip"
    ),
    params=[
        Argument(["incident"], required=False, type=IncidentNumber()),
        Option(
            ["--all", "every"], is_flag=True, help=N_("every incident, a line each, and each duty that was not kept")
        ),
        Option(["--known-at"], type=Time(), help=N_("by what had been recorded by then, as it stood then")),
        Option(["--routine", "routine_file"], metavar=N_("FILE"), help=N_("by a draft: which verdicts would change")),
        Option(["--bundle"], type=Written(), metavar=N_("FILE"), help=N_("an evidence bundle, judged again")),
        Option(
            ["--key", "keys"], multiple=True, type=Written(), metavar=N_("KEY"), help=N_("a public key that is trusted")
        ),
    ],
)
