"""The commands: a file each, with its arguments and what it does, imported once it is asked for.

Each has ``add_arguments(parser)`` and ``run(args)``, which returns the exit status; where there are any, ``MORE`` and
``EPILOG`` (what its help says beside the summary) and ``VERBS`` (what it asks of a daemon).
"""

from __future__ import annotations

SUMMARIES = {
    "run": "run the daemon in the foreground",
    "check": "check the settings, and whether this machine has what they name",
    "config": "print the settings in force and where each comes from",
    "replay": "show what is in a capture",
    "dissect": "take one frame of a capture apart",
    "status": "show how the daemon is doing",
    "modules": "list the daemon's modules and their states",
    "survey": "list what the daemon knows to be in the air",
    "reload": "make the daemon read its settings again",
    "restart": "restart one module of the daemon",
    "alerts": "list what is wrong in the air, or explain one alert",
    "export": "save where access points were heard, for maps",
    "evidence": "save the frames of an alert, for Wireshark",
    "acknowledge": "say that an alert was seen",
    "report": "write a page about what the daemon has heard, to hand on",
    "history": "show what was heard in earlier days",
    "forget": "erase what was heard in earlier days",
    "rules": "list what is looked for, with the thresholds in force, or explain one rule",
    "learn": "guard networks as they are heard now",
    "ignore": "say which devices belong here, and follow nobody",
    "visitors": "list who was near, who comes closest to following first",
    "press": "press a key of the device",
    "screenshot": "save what the daemon's display shows",
    "lock": "make the radio stay on one channel",
    "unlock": "make the radio visit the channels of its plan again",
    "camp": "make the radio stay on one channel for a while",
    "record": "record what was heard, keep recordings, or list them",
    "capture": "stream frames as they are heard, for Wireshark",
    "tail": "follow what happens, until Ctrl-C",
    "call": "ask the daemon any verb, also of other packages' modules",
}
"""Every command with a line about it, in the order of the help: here, so that the help imports none of them."""
