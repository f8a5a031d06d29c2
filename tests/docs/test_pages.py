"""What people who read no English are told to type does what the page says, and the pictures are of today's desk."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import FOLDER, PAGES
from tests.docs.pictures import IMAGES, taken

SHEETS = 2
LINES = 60
"""Of a sheet of A4, about; a picture takes more."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_the_page_says_to_type_does_what_it_says_and_looks_as_it_shows(page: Path, tmp_path: Path) -> None:
    for name, picture in taken(page, tmp_path).items():
        assert (IMAGES / name).read_text(encoding="utf-8") == picture, f"{name} is of an earlier desk: make pictures"


def test_every_page_is_on_the_list_and_prints_on_two_sheets() -> None:
    listed = (FOLDER / "README.md").read_text(encoding="utf-8")
    for page in PAGES:
        assert f"]({page.name})" in listed
        assert len(page.read_text(encoding="utf-8").splitlines()) <= SHEETS * LINES


def test_a_picture_is_small_and_fetches_nothing() -> None:
    pictures = [*IMAGES.glob("desk-*.svg"), *IMAGES.glob("board*.svg")]
    assert pictures
    for picture in pictures:
        drawn = picture.read_text(encoding="utf-8")
        assert len(drawn) < 150_000
        assert "url(" not in drawn
        assert "href" not in drawn


@pytest.mark.parametrize("page", [FOLDER.parents[1] / "README.md", *PAGES], ids=lambda page: page.stem)
def test_every_picture_that_is_shown_is_there_for_light_and_dark(page: Path) -> None:
    for shown in re.findall(r"(?:src|srcset)=\"(\S+?)\"", page.read_text(encoding="utf-8")):
        assert (page.parent / shown).is_file(), shown
