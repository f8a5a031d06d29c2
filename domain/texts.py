"""Marking the texts that people read. Apart from the vocabulary, so that a help text needs none of its words."""


def N_(text: str) -> str:  # noqa: N802 - gettext's customary name for "translate this later"
    """Mark an English text for translation where it is declared; it is translated where it is shown."""
    return text


def plural(one: str, many: str) -> tuple[str, str]:
    """Mark a text in both its numbers."""
    return one, many
