"""How staff, subscribers' administrators and reviewers meet the log."""

import sys
from types import ModuleType


class _NoPlugins(ModuleType):
    """In the place of the module by which pydantic looks through every installed package for plugins of its own.

    The log's facts are checked by their own rules alone. Looking, and being told in the environment not to look,
    would each import importlib.metadata, and with it email, zipfile and more: as long as a bare interpreter takes.
    """

    @staticmethod
    def get_plugins() -> tuple[()]:
        return ()


sys.modules.setdefault("pydantic.plugin._loader", _NoPlugins("pydantic.plugin._loader"))
