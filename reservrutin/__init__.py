"""The program's one name among installed packages; its rooms lie inside (docs/decisions/0039)."""
