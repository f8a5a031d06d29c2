"""SQLite or PostgreSQL: connections, schema, roles, and rows that tell when a stranger changed them."""
