"""How events are written down: sentences for people, fields for programs, storms folded, to journald or to stderr."""
