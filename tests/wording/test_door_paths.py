"""The paths of the subscriber's door, which stand in mail that people keep."""

from wording.door_paths import PATHS, DoorPage, door_path


def test_every_page_has_a_path_of_its_own_in_both_languages() -> None:
    paths = [path for page in DoorPage for path in PATHS[page].values()]
    assert len(paths) == len(set(paths)) == 2 * len(DoorPage)
    assert all(door_path(page, "en").startswith("/en/") for page in DoorPage)


def test_a_token_stands_last_in_the_path_of_what_is_somebodys() -> None:
    assert door_path(DoorPage.LEAVE, "sv", "abc") == "/avsluta/abc"
    assert door_path(DoorPage.CHOICES, "en", "abc") == "/en/choices/abc"
    assert door_path(DoorPage.SUBSCRIBE, "sv", "abc") == "/"
