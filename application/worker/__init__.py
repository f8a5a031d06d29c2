"""The worker: round after round of deadlines, plans and mail, and who watches it."""
