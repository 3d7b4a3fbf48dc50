"""What the Debian package has that is made from the code: man pages, completions, its settings file."""
