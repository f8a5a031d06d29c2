"""What people who read no English are told to type does what the page says."""

from pathlib import Path

import pytest

from tests.docs.pages import FOLDER, PAGES, play


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_the_page_says_to_type_does_what_it_says(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    play(page, tmp_path)


def test_every_page_is_on_the_list_and_prints_on_two_sheets() -> None:
    listed = (FOLDER / "README.md").read_text(encoding="utf-8")
    for page in PAGES:
        assert f"]({page.name})" in listed
        assert len(page.read_text(encoding="utf-8").splitlines()) <= 120
