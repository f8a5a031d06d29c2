"""Who may record and who is told: the two registers beside the log."""
