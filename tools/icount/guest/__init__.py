"""The programs that are counted: these run in the armel root."""
