"""What a form is filled in for: its fields, what is known beforehand, and the one door that it is written through.

No rule stands here: who may, what fits and what is flagged is answered by `application.recording`, for a form that is
still open as for one that is written.
"""

import re
import secrets
import shlex
import string
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from application import authority
from application.desk import Desk
from application.incidents import NEW
from application.recording import Acknowledgement, draft
from cli.desk.sight import Sight
from cli.terminal.fields import YES, Field, Typed, as_typed_in, fields_of, missing, values_of
from cli.terminal.options import build, option_name, stored
from domain import facts as f
from domain.acts import Act
from domain.fact import BESIDE, Fact, Recorded
from domain.refusals import Refusal
from domain.texts import N_
from domain.vocabulary import Status
from wording import times
from wording.facts import initial
from wording.sentences import sentence
from wording.words import Words

INCIDENT, AT, FUNCTION, NOTE, DEVIATION = "in.incident", "in.at", "in.as", "in.note", "in.deviation"
LATE = "in.late-because"
WHY = "in.reason"
"""The fields that every fact has beside its own, and why an entry is corrected, which may have a reason of its own; no
fact has fields of such names."""

OPTIONS = {INCIDENT: "incident", AT: "at", FUNCTION: "as", NOTE: "note", DEVIATION: "deviation", WHY: "reason"}
OPTIONS |= {LATE: "late-because"}
WHEN, NOW = N_("When"), N_("when it happened: 0805, yesterday 22:10, -20; empty is now")


def new_command_id() -> str:
    return "".join(secrets.choice(string.ascii_lowercase) for _ in range(24))


@dataclass(frozen=True, slots=True)
class Sheet:
    """A fact to be filled in. `target` is the entry that it corrects, as it now reads; `command_id` makes that it is
    never written twice, however often it is tried."""

    fact: type[Fact]
    incident: str | None
    fields: tuple[Field, ...]
    typed: Typed
    target: Recorded | None = None
    command_id: str = field(default_factory=new_command_id)

    @property
    def key(self) -> str:
        """By which a form that was left is found again: the incident, the fact, and the entry that it is about."""
        about = self.target.entry if self.target else self.typed.get("entry")
        return " ".join(filter(None, (self.incident or NEW, self.fact.wire, str(about or ""))))

    def filled(self, typed: Typed) -> "Sheet":
        """The same with what was typed over what was known beforehand."""
        return replace(self, typed={**self.typed, **typed})

    def missing(self, typed: Typed) -> Field | None:
        return missing(self.fields, typed)


def sheet_of(fact: type[Fact], sight: Sight, known: Mapping[str, Any] | None = None) -> Sheet:
    """The form of a fact; `known` are values that stand there already."""
    fields = (*fields_of(fact, sight.words), *_which_incident(fact, sight), *_envelope(fact, sight, known))
    typed = {one.name: one.usual for one in fields}
    typed |= {one.name: as_typed_in(known[one.name], one, sight.at) for one in fields if known and one.name in known}
    return Sheet(fact, sight.number, fields, typed)


def correction_of(target: Recorded, sight: Sight) -> Sheet:
    """The form of a correction: the entry's own fields as they now read, and why they are wrong."""
    words = sight.words
    _ = words.gettext
    own = [replace(one, required=False) for one in fields_of(type(target.fact), words)]
    [reason] = (one for one in fields_of(f.EntryCorrected, words) if one.name == "reason")
    why = replace(reason, name=WHY, label=_("Reason to correct"))
    fields = (Field(AT, _(WHEN), initial(_("when it really happened")), "time"), *own, why)
    fields += tuple(_functions(f.EntryCorrected, sight, target))
    typed = {one.name: one.usual for one in fields}
    typed |= {one.name: as_typed_in(getattr(target.fact, one.name), one, sight.at) for one in own}
    typed[AT] = times.typed(target.occurred_at, sight.at)
    return Sheet(f.EntryCorrected, target.incident, fields, typed, target)


def sheet_for(act: Act, sight: Sight) -> Sheet:
    """The form of what would do a duty: what is known of it stands there, and only the person knows the rest."""
    known = {name: values[0] for name, values in act.fields.items() if len(values) == 1}
    return sheet_of(act.fact, sight, known | {FUNCTION: act.function})


def write(desk: Desk, login: str, sheet: Sheet, typed: Typed, *, dry_run: bool = False) -> Acknowledgement:
    """Record it, or with `dry_run` say what would come of it. Raises a Refusal."""
    now = desk.now()
    values = values_of(sheet.fields, typed, now)
    begun = draft(
        desk,
        login,
        sheet.fact,
        incident=values.get(INCIDENT, sheet.incident or (NEW if sheet.fact in f.OPENERS else None)),
        function=values.get(FUNCTION),
        occurred_at=None if sheet.target else values.get(AT),
        command_id=sheet.command_id,
    )
    own = {name: value for name, value in values.items() if name not in OPTIONS}
    fact = build(sheet.fact, _corrections(sheet.target, sheet, typed, values, desk) if sheet.target else own, desk)
    beside = {name: values.get(f"in.{name.replace('_', '-')}", "") for name in BESIDE}
    return begun.record(fact, dry_run=dry_run, **beside)


def command_of(sheet: Sheet, typed: Typed) -> list[str]:
    """The command that records the same, word by word as a shell takes it; what goes without saying is left out."""
    out = ["reservrutin", "record", sheet.fact.wire]
    if sheet.incident and INCIDENT not in sheet.typed:
        out += ["--incident", sheet.incident]
    if sheet.target:
        out += ["--entry", str(sheet.target.entry)]
    for one in sheet.fields:
        out += _option(sheet, one, typed.get(one.name, ""))
    return [shlex.quote(word) for word in out]


def _option(sheet: Sheet, one: Field, said: str | tuple[str, ...]) -> list[str]:
    """The option of what stands in a field, and its values; nothing where a command means the same by nothing."""
    option = _option_of(sheet, one)
    parts = said if isinstance(said, tuple) else tuple(said.split()) if one.kind == "list" else (said,)
    if option.startswith("--set "):
        changed = said != sheet.typed[one.name]
        return ["--set", f"{option.removeprefix('--set ')}={','.join(parts)}"] if changed else []
    if one.name in (INCIDENT, FUNCTION):
        usual: str | tuple[str, ...] = ""
    else:
        usual = sheet.typed[one.name] if sheet.target else one.usual
    if not said or said == usual:
        return []
    if one.kind == "flag":
        return [option if said == YES else f"--no-{option[2:]}"]
    return [word for part in parts for word in (option, part)]


def told(refusal: Refusal, sheet: Sheet, words: Words) -> str:
    """Why not, in a screen's words: what a command line calls an option is called what the field is."""
    labels = {_option_of(sheet, one).replace("--set ", "--"): one.label for one in sheet.fields}
    about = field_of(refusal, sheet)
    if refusal.reason == "option-missing" and about and about.choices:
        return words.gettext("{field} is missing: choose by its key.").format(field=about.label)
    if sheet.target:
        labels["--set"] = words.gettext("another field")
    said = sentence(refusal, words)
    return re.sub(r"--[a-z][a-z-]*", lambda found: labels.get(found[0], found[0]), said)


def field_of(refusal: Refusal, sheet: Sheet) -> Field | None:
    """The field that a refusal is about."""
    about = {str(refusal.data.get("option", "")), "--" + str(refusal.data.get("field", "")).replace("_", "-")}
    if refusal.reason == "future":
        about.add("--at")
    if refusal.reason == "began-after-detected":
        about.add("--since")
    named = next((one for one in sheet.fields if _option_of(sheet, one) in about), None)
    return named or next((one for one in sheet.fields if f"--{one.name}" in about), None)


def _which_incident(fact: type[Fact], sight: Sight) -> list[Field]:
    """What may open an incident says which one it is about, while there is one that it could be about."""
    if fact not in f.OPENERS or sight.incident is None:
        return []
    _ = sight.words.gettext
    choices = (*((number, number) for number in sight.open_now), (NEW, _("a new one")))
    goes_on_here = fact is f.DisturbanceReported or sight.incident.status is Status.SUSPECTED
    usual = sight.incident.number if goes_on_here else ""
    about = initial(_("which incident it is about"))
    return [Field(INCIDENT, _("Incident"), about, "choice", True, choices, usual)]


def _envelope(fact: type[Fact], sight: Sight, known: Mapping[str, Any] | None) -> list[Field]:
    _ = sight.words.gettext
    return [
        *_functions(fact, sight, _about((known or {}).get("entry"), sight)),
        Field(AT, _(WHEN), initial(_(NOW)), "time"),
        Field(NOTE, _("Note"), initial(_("a note beside it")), "text"),
        Field(DEVIATION, _("Deviation"), initial(_("why the routine is not followed")), "text"),
        Field(LATE, _("Written late"), initial(_("why it is written only now")), "text"),
    ]


def _functions(fact: type[Fact], sight: Sight, about: Recorded | None = None) -> list[Field]:
    """Asked where there is a choice, and where the function that goes without saying is none that may (SR-015); `about`
    is the entry that is corrected or withdrawn, which takes the authority for it as well (Q29)."""
    roles = sight.person.roles
    may = [one for one in sight.recorders(fact) if roles is None or one in roles]
    while about is not None:
        theirs = (*sight.words.routine.recorded_by(type(about.fact)), about.recorded_as)
        may = [one for one in may if one in theirs]
        about = _about(getattr(about.fact, "entry", None), sight)
    usual = authority.goes_without_saying(sight.person, fact, sight.role, sight.words.routine)
    if not may or (usual in may and (len(may) == 1 or roles is None)):
        return []
    _ = sight.words.gettext
    choices = tuple((function.value, initial(sight.words.name(function))) for function in may)
    acting = initial(_("the function you act in"))
    stands = usual if usual in may else may[0] if len(may) == 1 and roles else ""
    return [Field(FUNCTION, _("Acting as"), acting, "choice", True, choices, stands or "")]


def _about(entry: Any, sight: Sight) -> Recorded | None:
    """The entry with this number, as it now reads."""
    return next((recorded for recorded in sight.latest if str(recorded.entry) == str(entry)), None)


def _corrections(target: Recorded, sheet: Sheet, typed: Typed, values: Mapping[str, Any], desk: Desk) -> dict[str, Any]:
    """Only what was changed is corrected."""
    changed = {one.name for one in sheet.fields if typed.get(one.name, "") != sheet.typed.get(one.name, "")}
    own = {name: values.get(name, "") for name in changed if name in type(target.fact).model_fields}
    return {
        "entry": target.entry,
        "reason": values.get(WHY),
        "occurred_at": values.get(AT) if AT in changed else None,
        "fields": stored(type(target.fact), own, desk),
    }


def _option_of(sheet: Sheet, one: Field) -> str:
    if one.name in OPTIONS:
        return "--occurred-at" if sheet.target and one.name == AT else f"--{OPTIONS[one.name]}"
    fact = type(sheet.target.fact) if sheet.target else sheet.fact
    name = option_name(one.name, fact.model_fields[one.name])
    return f"--set {name}" if sheet.target else f"--{name}"
