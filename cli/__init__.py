"""How staff, subscribers' administrators and reviewers meet the log."""

import os

# pydantic would look through every installed package for plugins of its own, at each command.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")
