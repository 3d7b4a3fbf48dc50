"""The meanings of the exit status of ``whimbrel``, shown by ``whimbrel --help``."""

from __future__ import annotations

from whimbrel.errors import WhimbrelError

OK = 0
FAILURE = 1
USAGE = 2
SETTINGS = 3
UNREACHABLE = 4
CAPTURE = 5
MACHINE = 6
INTERRUPTED = 130
BROKEN_PIPE = 141

MEANINGS = {
    OK: "all is well",
    FAILURE: "it failed while running, or the daemon refused",
    USAGE: "the command line is wrong",
    SETTINGS: "the settings are missing or wrong",
    UNREACHABLE: "the daemon cannot be reached",
    CAPTURE: "a capture file is damaged, or cannot be read",
    MACHINE: "the settings are right, but this machine lacks what they name",
    INTERRUPTED: "interrupted from the keyboard",
    BROKEN_PIPE: "the reader of the output has gone",
}


class CommandError(WhimbrelError):
    """Ends a command: `message` goes to stderr in one line or a few, `code` to the shell."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
