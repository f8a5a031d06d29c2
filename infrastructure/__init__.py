"""Where facts, read models and registers are kept."""
