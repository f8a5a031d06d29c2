"""The accessibility statement says what the law asks, and nothing better than somebody has found."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from application.accessibility.statement import statement
from application.assessment import Assessment, Meets
from application.settings import Settings, load
from wording.words import Language, texts_in

DIGG = "https://www.digg.se/tdosanmalan"


def told(language: Language = "sv", **settings: Any) -> str:
    """As it is read."""
    html = statement(Settings(database_url="", **settings), texts_in(language), "Driftinformation")
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.mark.parametrize("language", ["sv", "en"])
def test_of_what_nobody_has_set_it_says_that_it_is_not_known(language: Language) -> None:
    said = told(language)
    assert {"sv": "Här finns ingen bedömning", "en": "There is no assessment here"}[language] in said
    assert {"sv": "Här finns ingen adress", "en": "No address for this"}[language] in said
    assert not re.search("helt förenlig|delvis|fully|partly", said)
    assert DIGG in said


@pytest.mark.parametrize(
    ("meets", "says"), [("fully", "helt förenliga"), ("partly", "delvis förenliga"), ("not", "inte förenliga")]
)
def test_it_says_how_far_the_pages_were_found_to_meet_the_law_when_and_how(meets: str, says: str) -> None:
    said = told(accessibility_assessed=Assessment(date(2026, 11, 20), Meets(meets), "egen granskning"))
    assert f"Sidorna är {says} med lagen om tillgänglighet till digital offentlig service." in said
    assert "gicks senast igenom, 2026-11-20. Metod: egen granskning." in said
    assert "ingen bedömning" not in said


def test_it_says_whose_pages_where_to_report_and_each_fault(tmp_path: Path) -> None:
    """As an administrator sets it, in the file."""
    config = tmp_path / "reservrutin.toml"
    config.write_text(
        'organisation = "Region <Skåne>"\naccessibility_contact = "tillganglighet@example.se"\n'
        'accessibility_assessed = "2026-11-20 partly granskning & prov"\n'
        'accessibility_faults = """\nLänkar visas som <adresser>.\n\n  En bild saknar text. \n"""\n',
        encoding="utf-8",
    )
    settings = load(config, {})
    html = str(statement(settings, texts_in("en"), "Operating information"))
    assert "Region &lt;Skåne&gt; is behind the pages “Operating information”." in html
    assert '<a href="mailto:tillganglighet@example.se"' in html
    faults = ["Länkar visas som &lt;adresser&gt;.", "En bild saknar text."]
    assert re.findall(r'<li><span lang="sv">(.*)</span></li>', html) == faults, "Swedish is marked in another language"
    assert 'Method: <span lang="sv">granskning &amp; prov</span>.' in html
    page = Settings(database_url="", accessibility_contact="https://example.se/tillganglighet")
    assert '<a href="https://example.se/tillganglighet"' in statement(page, texts_in("sv"), "Driftinformation")
