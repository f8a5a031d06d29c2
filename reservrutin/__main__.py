"""`python -m reservrutin`, and the console script.

What is installed has one name, this one: the rooms (`domain`, `cli`, …) lie inside, because their names are any
project's. They are found before whatever else is called so, by this process alone.
"""

import os
import sys

ROOMS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "rooms")  # noqa: PTH100, PTH118, PTH120 - pathlib costs as much as all else here


def main() -> None:
    """Ends the process, as `cli.__main__.main` says."""
    if os.path.isdir(ROOMS):  # noqa: PTH112 - as above; in a checkout they lie beside us
        sys.path.insert(0, ROOMS)
    from cli.__main__ import main as begin

    begin()


if __name__ == "__main__":
    main()
