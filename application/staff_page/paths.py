"""Where each of staff's pages is: Swedish at the root, English under /en."""

from enum import StrEnum

from wording.words import Language


class StaffPage(StrEnum):
    BOARD = "board"
    CALLERS = "callers"
    INCIDENTS = "incidents"
    INCIDENT = "incident"
    REPORT = "report"
    REPLAY = "replay"


PATHS: dict[StaffPage, dict[Language, str]] = {
    StaffPage.BOARD: {"sv": "/", "en": "/en/"},
    StaffPage.CALLERS: {"sv": "/samtal", "en": "/en/callers"},
    StaffPage.INCIDENTS: {"sv": "/handelser", "en": "/en/incidents"},
    StaffPage.INCIDENT: {"sv": "/handelse/{number}", "en": "/en/incident/{number}"},
    StaffPage.REPORT: {"sv": "/handelse/{number}/rapport", "en": "/en/incident/{number}/report"},
    StaffPage.REPLAY: {"sv": "/handelse/{number}/historia", "en": "/en/incident/{number}/replay"},
}


def staff_path(page: StaffPage, language: Language, number: str = "") -> str:
    """The page's path in this language; `number` is the incident's, where it is about one."""
    return PATHS[page][language].format(number=number)
