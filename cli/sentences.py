"""One sentence for every "no", and a few words for every flag."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cli.language import _, fact_name, name
from cli.times import clock
from domain.refusals import Damaged, Invalid, NotAdmitted, NotAuthorised, NotFound, PersonalData, Refusal, Unavailable
from domain.vocabulary import N_, Flag, Function, System

EXIT_CODES: dict[type[Refusal], int] = {
    Invalid: 2,
    NotFound: 3,
    NotAuthorised: 4,
    NotAdmitted: 5,
    PersonalData: 7,
    Unavailable: 75,
    Damaged: 1,
}

SENTENCES = {
    # invalid
    "future": N_("{occurred_at} has not been yet: --at takes a time that has passed, like -20m or yesterday 22:10."),
    "time": N_("“{text}” is no time: write 14:05, yesterday 22:10, -20m, +2h or 2026-03-02T08:05."),
    "time-repeated": N_("The clock shows {text} twice that night: write {first} or {second}."),
    "time-skipped": N_("The clock skips {text} that night: write {first} or {second}, whichever it was."),
    "not-text": N_("The text is not written in UTF-8: check the terminal's character set."),
    "yes-or-no": N_("“{text}” is neither yes nor no."),
    "opens-nothing": N_("{fact} opens no incident: leave --incident new out."),
    "not-shown": N_("The answer could not be shown ({problem}); what was to be written is written."),
    "sentence": N_("{text}"),
    "field": N_("{option}: {problem}"),
    "routine": N_("{path} is no routine: line {line}, {problem}."),
    "too-long": N_("{option}: at most {count} characters."),
    "unknown-field": N_("{fact} has no field {field}: see its --help."),
    "pair": N_("“{text}” is no correction: write --set FIELD=VALUE."),
    "invalid-correction": N_("The corrected values do not fit {fact}: see its --help."),
    "incident-number": N_("“{text}” is no incident number: it looks like 2026-0007."),
    "several-open": N_("Several incidents are open: say which with --incident ({numbers})."),
    "unknown-setting": N_("There is no setting {name}."),
    "setting": N_("The setting {name} can't be {value}."),
    "settings-file": N_("The settings can't be read from {path}: {problem}."),
    "database-url": N_("The log's database can't be {url}: write sqlite:///FILE."),
    "smtp-url": N_(
        "The mail server's address can't be read ({why}): write smtp://USER:PASSWORD@HOST:587?tls=starttls."
    ),
    "mail-sender": N_("No mail can be sent from {sender}: set RESERVRUTIN_MAIL_FROM to an address."),
    "return-secret": N_(
        "Return paths need a secret of at least {count} characters: set RESERVRUTIN_MAIL_RETURN_SECRET."
    ),
    "mail-url": N_("{url} is no web address: RESERVRUTIN_DRIFTINFO_URL and RESERVRUTIN_BASE_URL start with https://."),
    "mail-address": N_("No mail can be sent to that address: check it with reservrutin subscriber list."),
    "mail-server": N_("The mail server does not answer ({reply}): the mail waits."),
    "not-for-the-public": N_("{fact} is nothing that prescribers are told of."),
    "no-mail-server": N_("No mail server is set: give RESERVRUTIN_SMTP_URL, for example smtp://localhost:25."),
    "address": N_("“{address}” is no mail address that mail can be sent to."),
    "unknown-word": N_("“{value}” is not known to the routine as {option}: choose one of {known}."),
    "clock-is-no-person": N_("Nobody can be registered as the clock: the worker itself is."),
    "retry-or-give-up": N_("A delivery is either tried again or given up: leave one of the two out."),
    "written-as-of": N_(
        "--written goes by when things were recorded: limit it with --known-at or --to-entry, not with --as-of."
    ),
    "no-terminal": N_("--interactive draws in a terminal: leave it out where there is none, and with --json."),
    "empty-login": N_("A login is needed: the name the person logs in with."),
    # not found
    "incident": N_("There is no incident {incident}: see reservrutin board."),
    "no-open-incident": N_("No incident is open: open one with reservrutin record outage-detected."),
    "no-incident": N_("There is no incident yet: the first one opens with reservrutin record outage-detected."),
    "subscriber": N_("There is no subscriber {subscriber}: see reservrutin subscriber list."),
    "delivery": N_("There is no delivery {delivery}: see reservrutin deliveries."),
    "bounces": N_("No reports can be read from {path}: give a file or a Maildir folder."),
    "login": N_("{login} is not registered: see reservrutin staff list."),
    "entry": N_("There is no entry {entry} in {incident}: see reservrutin log {incident}."),
    # not authorised
    "function": N_("{function} may not record {fact}: only {may} may. If you act as one, say so with --as."),
    "only-who-publishes": N_(
        "Only {may} publishes operating information ({rule}): "
        "ask for it with reservrutin record operating-information-requested --text … "
        "Whoever is adds --as {role}."
    ),
    "not-in-routine": N_("The routine {routine} does not know {fact}: see reservrutin routine show."),
    "login-not-registered": N_("{login} is not registered as staff: ask your administrator for reservrutin staff add."),
    "administrator": N_("Only the owner of the log's file changes who may record: ask your administrator."),
    "clock": N_("Nobody acts as the clock: the worker records by itself when a time runs out."),
    "not-your-function": N_("You are not registered as {function}: you may act as {may}."),
    # not admitted
    "unknown-entry": N_("There is no entry {entry} to correct: see reservrutin log."),
    "correction-of-correction": N_("Entry {correction} is itself a correction: correct entry {entry} again instead."),
    "already-closed": N_("The incident is closed already: nothing was added."),
    "incident-is-closed": N_("The incident is closed: reopen it first with reservrutin record incident-reopened."),
    "duplicate-serial": N_("Referral {serial} is received already: check the number, or leave it as it is."),
    "already-balanced": N_("Referral {serial} is entered or set aside already: nothing was added."),
    "unknown-referral": N_(
        "Referral {serial} was never received: record referral-received first, or check the number."
    ),
    "system-is-down": N_(
        "A referral can't have been entered while {system} is down ({rule}): record service-restored first."
    ),
    "already-active": N_("The reserve routine is active already: nothing was added."),
    "not-active": N_("The reserve routine is not active: there is nothing to deactivate."),
    "not-closed": N_("The incident is not closed: it needs no reopening."),
    "outstanding-referrals": N_(
        "Referrals are still neither entered nor set aside: {serials}. Record referral-entered or referral-set-aside."
    ),
    "deferral-already-passed": N_("The activation can't be deferred to a time that has passed: check --until."),
    "activation-without-outage": N_("Nothing is down, so there is nothing to activate: explain it with --deviation."),
    "activation-out-of-scope": N_(
        "This scope does not start the reserve routine ({rule}): explain it with --deviation."
    ),
    "activation-before-instruction": N_(
        "In this scope an instruction is awaited ({rule}): record instruction-received first, "
        "or explain it with --deviation."
    ),
    "activation-too-early": N_(
        "Activation is not allowed until {allowed_at} ({rule}): wait, or explain why with --deviation."
    ),
    "deferral-without-prognosis": N_(
        "Without a prognosis in force nothing can be deferred ({rule}): explain it with --deviation."
    ),
    "deactivation-while-down": N_(
        "The outage still goes on ({rule}): explain with --deviation why the routine ends now."
    ),
    "closing-while-down": N_(
        "The outage still goes on: record service-restored first, or explain it with --deviation."
    ),
    "closing-while-active": N_(
        "The reserve routine is still active: record reserve-routine-deactivated first, or explain it with --deviation."
    ),
    "version-taken": N_(
        "{routine} {version} is adopted already with another content: give the document a new version."
    ),
    "command-id-taken": N_("The command id was used for another fact ({incident}, entry {entry}): choose a new one."),
    "year-is-full": N_("{year} has no incident numbers left."),
    "already-subscribed": N_("{address} already subscribes for that audience."),
    "delivery-sent": N_("Delivery {delivery} was accepted by the mail server already: nothing was changed."),
    "delivery-sending": N_("Delivery {delivery} is being sent just now: look again in a few minutes."),
    "delivery-refused": N_("Delivery {delivery} was refused and does not wait: there is nothing to give up."),
    "delivery-expired": N_("Delivery {delivery} is too old to send: nothing was changed."),
    "delivery-superseded": N_("Delivery {delivery} is not to be sent any more: nothing was changed."),
    "delivery-replaced": N_(
        "Delivery {delivery} was replaced by entry {replaced_by}: the newer notice is the one to send."
    ),
    "delivery-without-reader": N_(
        "{subscriber} receives no mail just now: resume the subscriber first with reservrutin subscriber resume."
    ),
    "mail-policy": N_(
        "The mail server refuses our mail as a matter of policy ({reply}): ask whoever runs the mail server."
    ),
    "suspended": N_(
        "{subscriber} is suspended, because the address refuses our mail: check it with reservrutin subscriber list."
    ),
    # the rest
    "personal-data": N_(
        "{option} seems to hold a personnummer, which never enters the log: leave it out. "
        "A telephone number is written with its area code apart, 070-123 45 67."
    ),
    "database": N_("The log does not answer ({problem}): nothing was written, try again in a moment."),
    "damaged": N_("The log can't be read ({problem}): nothing was written, restore it from a backup."),
    "newer-schema": N_(
        "The log was made by a newer reservrutin (schema {found}, this one knows {known}): upgrade first."
    ),
    "unknown-fact": N_("The log holds a fact that this reservrutin does not know ({fact}): upgrade first."),
    "busy": N_("The log is busy: nothing was written, try again in a moment."),
    "projection": N_("The read model {projection} stopped at position {position}: {problem}"),
}


def told(reason: str, **data: Any) -> str:
    """The sentence for this reason, where nobody was refused anything."""
    return _(SENTENCES[reason]).format_map(_readable(data))


def exit_code(refusal: Refusal) -> int:
    return EXIT_CODES.get(type(refusal), 1)


def sentence(refusal: Refusal) -> str:
    """What is wrong and what to do instead, in one sentence."""
    text = told(_worded(refusal), **refusal.data)
    if refusal.data.get("entry") and refusal.reason in list(Flag):
        return _("Entry {entry} would then not hold. {why}").format(entry=refusal.data["entry"], why=text)
    return text


def _worded(refusal: Refusal) -> str:
    """Which sentence: publishing is refused in words of its own, because there is something else to do."""
    published = refusal.data.get("fact") == "operating-information-published"
    return "only-who-publishes" if refusal.reason == "function" and published else refusal.reason


def flag(code: str) -> str:
    return _("a deviation of its own") if code == "stated" else _(Flag(code).label)


def fact_label(wire: str) -> str:
    from domain.facts import CATALOGUE  # not on the way to a help text

    return fact_name(wire, CATALOGUE[wire].label) if wire in CATALOGUE else wire


def _readable(data: Mapping[str, Any]) -> dict[str, str]:
    readable = {key: _said(key, value) for key, value in data.items()}
    if "field" in data:
        readable["option"] = "--" + OPTION_OF.get(data["field"], str(data["field"])).replace("_", "-")
    return readable


OPTION_OF = {
    "fields": "set",
    "function": "as",
    "systems": "system",
    "areas": "area",
    "channels": "channel",
    "links": "link",
}
"""Where an option is not called what its field is."""


def _said(key: str, value: Any) -> str:
    if isinstance(value, datetime):
        return clock(value)
    if isinstance(value, str) and key == "allowed_at":
        return clock(datetime.fromisoformat(value))
    if isinstance(value, Function):
        return name(value)
    if isinstance(value, list | tuple):
        return _(" or ").join(name(part) if isinstance(part, Function) else str(part) for part in value)
    if key == "fact":
        return f"{fact_label(value)} ({value})"
    if key == "system":
        return name(System(value))
    if key == "problem":
        return " ".join(str(value).split())
    return str(value)
