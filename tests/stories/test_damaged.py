"""Logs whose bytes something has written over, or cut off: every reader does what can be done, and says what is wrong
in its own words; nothing is taken for a fault of ours or for one that passes."""

import random
from pathlib import Path

import pytest

from tests.every_reader import answers
from tests.infrastructure.told import tell

READ, DAMAGED, NO_LOG, NOT_FOUND, FINDINGS = 0, 1, 2, 3, 6


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("log")
    told = tell(folder)
    told.database.close()
    return (folder / "log.sqlite").read_bytes()


def damaged(whole: bytes, seed: int) -> bytes:
    """The file with a sector, a few bytes or one bit that is not its own, or without its end."""
    chance = random.Random(seed)  # noqa: S311 - a place, not a secret
    content = bytearray(whole)
    kind = chance.choice(("bit", "bytes", "bytes", "zeros", "noise", "end"))
    place = chance.randrange(len(content))
    if kind == "bit":
        content[place] ^= 1 << chance.randrange(8)
    elif kind == "bytes":
        for _ in range(chance.randrange(1, 40)):
            content[chance.randrange(len(content))] = chance.randrange(256)
    elif kind == "end":
        del content[place:]
    else:
        sector = place - place % 512
        content[sector : sector + 512] = bytes(512) if kind == "zeros" else chance.randbytes(512)
    return bytes(content)


def every_reader_copes(whole: bytes, folder: Path, seed: int) -> None:
    log = folder / f"{seed}.sqlite"
    log.write_bytes(damaged(whole, seed))
    for command, told in answers(f"sqlite:///{log}").items():
        where = (seed, command, told.code, told.err)
        assert told.code in (READ, DAMAGED, NO_LOG, NOT_FOUND, FINDINGS), where
        assert "Traceback" not in told.err, where
        assert "reservrutin självt" not in told.err, where
        assert told.code in (READ, FINDINGS) or told.err.strip(), where


@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_damaged_every_reader_says_so_in_its_own_words(whole: bytes, tmp_path: Path, seed: int) -> None:
    every_reader_copes(whole, tmp_path, seed)


@pytest.mark.long
@pytest.mark.parametrize("portion", range(10))
def test_so_do_they_of_a_hundred_and_sixty_damaged_logs(whole: bytes, tmp_path: Path, portion: int) -> None:
    for seed in range(8 + portion * 16, 24 + portion * 16):
        every_reader_copes(whole, tmp_path, seed)
