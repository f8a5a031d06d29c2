"""Who sits at the terminal."""

import os


def login_at_the_keyboard() -> str:
    """The operating system's own word for who this is, not an environment variable's."""
    if os.name == "posix":
        import pwd

        try:
            return pwd.getpwuid(os.getuid()).pw_name
        except KeyError:
            return f"uid-{os.getuid()}"  # a container may know nobody by name
    return os.getlogin()
