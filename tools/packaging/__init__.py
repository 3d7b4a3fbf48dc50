"""The generated files of the Debian package: man pages, completions, its settings file."""
