"""A day of which every page is made: what everybody may read while it lasts and after it, what is exported, a mail."""

from dataclasses import replace
from datetime import date
from pathlib import Path

from application.assessment import Assessment, Meets
from tests.mailroom import mailroom
from tests.terminal import Terminal

PUBLISH = "operating-information-published --as system-owner --channel vardgivare-skane"
LINK = "https://vardgivare.skane.se/driftinformation/sesam/avbrott-2026-12-07/reservrutin-for-bestallning.html"


def made_of_a_day(folder: Path) -> dict[str, Path]:
    """Each page by its path in the folder; in both languages."""
    with mailroom() as mails:
        desk = Terminal(folder, smtp_url=mails.url)
        desk.settings = desk.desk.settings = replace(
            desk.settings,
            signing_key_file=folder / "signing.key",
            organisation="Region Skåne",
            accessibility_contact="tillganglighet@example.se",
            accessibility_assessed=Assessment(date(2026, 11, 20), Meets.PARTLY, "egen granskning"),
            accessibility_faults=("Länkar i det som publiceras visas som adresser.",),
        )
        assert desk.at("08:00").types("keys create").code == 0
        for language in ("sv", "en"):
            desk.types(f"subscriber add {language}@example.se --audience public --language {language}")
        desk.at("08:05").records("outage-detected --scope all-users --system sesam-s2 --system websesam")
        desk.at("08:20").records(f"{PUBLISH} --situation down --text 'Sesam S2 och websesam ligger nere.'")
        desk.at("12:10").records("reserve-routine-activated --as vo-hjalpmedel")
        desk.at("12:20").records(
            f"{PUBLISH} --reserve-routine-applies --text 'Reservrutin gäller. Fyll i pappersremissen.' --link {LINK}"
        )
        desk.types("checkpoint")
        desk.types("worker --once")
        desk.types(f"publish {folder / 'during'}")
        for kind in ("html", "dagbok"):
            for language in ("sv", "en"):
                desk.types(f"--lang {language} export 1 --format {kind} -o {folder / f'{kind}.{language}.html'}")
        desk.at("14:00").records("service-restored --system sesam-s2 --system websesam")
        desk.at("14:10").records(f"{PUBLISH} --situation works-again --text 'Allt fungerar igen.'")
        desk.at("15:00").records("incident-closed --as vo-hjalpmedel --deviation 'inget papper'")
        desk.types(f"publish {folder / 'after'}")
        for language in ("sv", "en"):
            mail = mails.to(language)[-1].get_body(("html",))
            assert mail
            (folder / f"mail.{language}.html").write_text(mail.get_content(), encoding="utf-8")
        desk.close()
    return {str(path.relative_to(folder)): path for path in sorted(folder.rglob("*.html"))}
