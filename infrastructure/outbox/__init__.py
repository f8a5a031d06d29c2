"""Every notice from plan to settled delivery, and the ledger that keeps it."""
