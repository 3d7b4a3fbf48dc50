"""The board that the daemon runs on: its state as reported by the kernel, and the command that shuts it down."""
