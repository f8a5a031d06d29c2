"""The schema's history; facts are never rewritten by it."""
