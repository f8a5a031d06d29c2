"""What each role of a PostgreSQL log may do, besides its owner: a recorder, a worker, a reader, and who stands at the
subscriber's door.

None of them can change or remove a fact: four for want of the right, the owner by the triggers. What each command
needs at least stands in docs/operations.md.
"""

from collections.abc import Mapping, Sequence

OWNER, RECORDER, WORKER, READER, DOOR = (
    f"reservrutin_{who}" for who in ("owner", "recorder", "worker", "reader", "door")
)
ROLES = (OWNER, RECORDER, WORKER, READER, DOOR)

_ADD = "SELECT, INSERT"
_KEEP = "SELECT, INSERT, UPDATE"
_ERASE = "SELECT, UPDATE, DELETE"
_WISHED = "kind, at, way, address, language, systems, areas, paused_until, network"
_PSEUDONYMS = "SELECT (id, audience, systems, areas, language, state, added_at, after_position, welcomed, channel)"

GRANTS: Mapping[str, Mapping[str, str]] = {
    "facts": {RECORDER: _ADD, WORKER: _ADD, READER: "SELECT"},
    "tree": {RECORDER: _KEEP, WORKER: _KEEP, READER: "SELECT"},
    "leaves": {RECORDER: _ADD, WORKER: _ADD, READER: "SELECT"},
    "checkpoints": {RECORDER: "SELECT", WORKER: _ADD, READER: "SELECT"},
    "tracking": {RECORDER: _KEEP, WORKER: _KEEP, READER: "SELECT"},
    "incidents": {RECORDER: _KEEP, WORKER: _KEEP, READER: "SELECT"},
    "courses": {RECORDER: _KEEP, WORKER: _KEEP, READER: "SELECT"},
    "staff": {RECORDER: "SELECT", WORKER: "SELECT", READER: "SELECT (id, roles, added_at)"},
    "subscribers": {RECORDER: _PSEUDONYMS, WORKER: _KEEP, READER: _PSEUDONYMS},
    "deliveries": {RECORDER: "SELECT", WORKER: _KEEP, READER: "SELECT"},
    "attempts": {RECORDER: "SELECT", WORKER: _ADD, READER: "SELECT"},
    "reports": {RECORDER: "SELECT", WORKER: _ADD, READER: "SELECT"},
    "ways_out": {RECORDER: "SELECT", WORKER: _ADD, READER: "SELECT"},
    "wishes": {WORKER: _ERASE, DOOR: f"INSERT ({_WISHED}), SELECT (network, at)"},
    "confirmations": {WORKER: f"INSERT, {_ERASE}"},
    "pauses": {RECORDER: "SELECT", WORKER: f"INSERT, {_ERASE}", READER: "SELECT"},
    "registers": {RECORDER: "SELECT", WORKER: "SELECT, UPDATE", READER: "SELECT"},
    "alembic_version": {RECORDER: "SELECT", WORKER: "SELECT", READER: "SELECT", DOOR: "SELECT"},
}
"""What each role may do with each table, besides the owner. A table that is not named here is the owner's alone."""

NUMBERED = {"deliveries": WORKER, "attempts": WORKER, "wishes": DOOR}
"""Whose rows get a number, and who writes them."""

FUNCTIONS = {"leads_to": (DOOR,), "functions_of": (READER,), "append_facts": (RECORDER, WORKER)}
"""Who may call our functions. Two answer those who may not read where the answer stands; the third can do no more than
whoever calls it."""

KNOWN = "SELECT rolname FROM pg_roles WHERE rolname = ANY(ARRAY[{}]) ORDER BY 1".format(
    ", ".join(f"'{role}'" for role in ROLES)
)


def grants(known: Sequence[str]) -> list[str]:
    """The statements that give these roles what they may do, and take away the rest."""
    said = []
    for table, rights in GRANTS.items():
        for role in known:
            if role != OWNER:
                said.append(f"REVOKE ALL ON {table} FROM {role}")
            if role in rights:
                said.append(f"GRANT {rights[role]} ON {table} TO {role}")
    # What comes out of a dump is everybody's.
    for function, roles in FUNCTIONS.items():
        said.append(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        said += [f"GRANT EXECUTE ON FUNCTION {function} TO {role}" for role in roles if role in known]
    return said + [
        f"GRANT USAGE ON SEQUENCE {table}_id_seq TO {role}" for table, role in NUMBERED.items() if role in known
    ]
