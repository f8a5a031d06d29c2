"""An empty log in a file, as the program makes it: made once a process, because making one takes half a second."""

from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from infrastructure.database.backend import SQLITE
from infrastructure.database.making import make


def empty_log(path: Path) -> str:
    """The address of an empty log in this file; what is there already is left as it is."""
    if not path.exists():
        path.write_bytes(_empty())
    return f"{SQLITE}{path}"


@lru_cache(maxsize=1)
def _empty() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "log.sqlite"
        assert make(f"{SQLITE}{path}")
        return path.read_bytes()
