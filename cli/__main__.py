"""The console script, and `python -m cli`: a command's beginning and end.

A command is over before any garbage is worth looking for, and looking is a fifth of its time: the collector waits
until a command has been loaded (`cli.terminal.command`), leaves alone what was loaded, and does not go through it all
once more on the way out.
"""

import gc
import sys


def main() -> None:
    """Ends the process with an exit code of the contract; no traceback reaches a user."""
    gc.disable()
    from cli.app import run

    try:
        sys.exit(run(sys.argv[1:]))
    finally:
        gc.freeze()


if __name__ == "__main__":
    main()
