"""How staff, subscribers' administrators and reviewers meet the log."""
