"""Who sits at the terminal."""

import os
import sys

SAM_COMPATIBLE = 2
"""Windows' number for a name in the form DOMAIN\\user."""


def login_at_the_keyboard() -> str:
    """The operating system's own word for who this is, not an environment variable's; on Windows DOMAIN\\user, for a
    domain's anna is not the anna of some machine."""
    if sys.platform == "win32":
        import ctypes

        name, room = ctypes.create_unicode_buffer(512), ctypes.c_ulong(512)
        known = ctypes.windll.secur32.GetUserNameExW(SAM_COMPATIBLE, name, ctypes.byref(room))
        return name.value if known else os.getlogin()
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid-{os.getuid()}"  # a container may know nobody by name
