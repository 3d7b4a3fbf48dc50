"""What was heard in earlier days, in a file of SQLite: its schema, the thread that writes it, and what it is asked."""
