"""The history of earlier days in an SQLite file: its schema, its writing thread, and its queries."""
