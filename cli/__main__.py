"""A command's beginning and end.

A command is over before any garbage is worth looking for, and looking is a fifth of its time: the collector waits
until a command has been loaded (`cli.terminal.command`), leaves alone what was loaded, and does not go through it all
once more on the way out.
"""

import gc
import sys


def main() -> None:
    """Ends the process with an exit code of the contract; no traceback reaches a user, be it stopped while it loads."""
    gc.disable()
    code = 130  # INTERRUPTED, which takes loading
    try:
        from cli.terminal.streams import take_over

        take_over()
        from cli.app import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        pass
    finally:
        import signal

        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the code is settled, and nothing is left to be stopped
        gc.freeze()
    sys.exit(code)


if __name__ == "__main__":
    main()
