"""A compiled catalogue of gettext's, in which each text is looked up where it stands.

The standard library reads all two thousand texts to begin with: an eighth of what a help text costs, which says eighty
of them. The format keeps the originals in order so that nobody has to (GNU gettext, "The Format of GNU MO Files").
"""

from bisect import bisect_left
from gettext import NullTranslations
from struct import unpack_from


class Catalogue(NullTranslations):
    """The texts of a language that has one plural, for all but one, as Swedish has."""

    def __init__(self, compiled: bytes) -> None:
        super().__init__()
        self._file = compiled
        _magic, _revision, count, originals, translations = unpack_from("5I", compiled)
        # A length and a place for each.
        self._originals = unpack_from(f"{2 * count}I", compiled, originals)
        self._translations = unpack_from(f"{2 * count}I", compiled, translations)
        self._numbers = range(count)

    def gettext(self, message: str) -> str:
        found = self._found(message)
        return message if found is None else found[0]

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        found = self._found(f"{msgid1}\0{msgid2}")
        return (msgid1, msgid2)[n != 1] if found is None else found[n != 1]

    def _found(self, original: str) -> list[str] | None:
        """A text's translation, or that of the one and of the many."""
        wanted = original.encode()
        number = bisect_left(self._numbers, wanted, key=self._original)
        if number == len(self._numbers) or self._original(number) != wanted:
            return None
        return self._text(self._translations, number).decode().split("\0")

    def _original(self, number: int) -> bytes:
        return self._text(self._originals, number)

    def _text(self, table: tuple[int, ...], number: int) -> bytes:
        length, place = table[2 * number : 2 * number + 2]
        return self._file[place : place + length]
