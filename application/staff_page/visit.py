"""Who looks at staff's page, which page, and what of it they have chosen."""

from dataclasses import dataclass

from application import authority
from application.desk import Desk
from application.staff_page.paths import StaffPage, staff_path
from infrastructure.registers.staff import Person
from wording.words import LANGUAGES, Language, Texts

AGAIN = 30
"""Seconds after which a page that reloads itself is read anew."""

RELOADING = (StaffPage.BOARD, StaffPage.CALLERS, StaffPage.INCIDENT)
"""The pages that show how it stands just now."""

STAYS = "reload=off"
"""What stands after the path of a page that does not reload itself."""


@dataclass(frozen=True, slots=True)
class Visit:
    """`login` is who the proxy says it is, "" where nobody is named; `person` what the register says of them. `number`
    is the incident's, `asked` the query of what was asked for of it. `stays` is that the page is not to reload
    itself."""

    texts: Texts
    page: StaffPage
    number: str = ""
    login: str = ""
    person: Person | None = None
    stays: bool = False
    asked: str = ""

    @property
    def reloads(self) -> bool:
        return self.page in RELOADING and not self.stays

    def path(self, page: str = "", number: str = "", language: Language | None = None) -> str:
        """Where another page is, or this one, in this language or another; the choice not to reload goes along."""
        of = StaffPage(page) if page else self.page
        found = staff_path(of, language or self.texts.language, number or self.number)
        return f"{found}?{STAYS}" if self.stays and of in RELOADING else found

    @property
    def turned(self) -> str:
        """This page with the choice to reload made the other way."""
        found = staff_path(self.page, self.texts.language, self.number)
        return found if self.stays else f"{found}?{STAYS}"

    @property
    def others(self) -> list[tuple[Language, str]]:
        """The same page in the other languages, with what was asked for."""
        asked = f"?{self.asked}" if self.asked else ""
        return [(other, self.path(language=other) + asked) for other in LANGUAGES if other != self.texts.language]


def whose(desk: Desk, login: str) -> Person | None:
    """What the register says of this login; None where nobody is named.

    Raises NotAuthorised once there is staff and this login is not of it (docs/decisions/0035).
    """
    return authority.onlooker(desk, login) if login else None
