"""The commands: one file each, with arguments and handler, imported when the command is used.

Each has ``add_arguments(parser)`` and ``run(args)``, which returns the exit status; optionally ``MORE`` and ``EPILOG``
(the help text after the summary) and ``VERBS`` (the verbs that it uses).
"""

from __future__ import annotations

SUMMARIES = {
    "run": "run the daemon in the foreground",
    "reach": "run the second process, with the modules that speak IP, in the foreground",
    "check": "check the settings, and that this machine has everything they name",
    "config": "print the settings in force and their origins",
    "provision": "make this device part of a fleet, by one file",
    "fleet": "make the provisioning files of many devices",
    "replay": "show the contents of a capture",
    "dissect": "dissect one frame of a capture",
    "status": "show the state of the daemon",
    "modules": "list the daemon's modules and their states",
    "survey": "list the access points and stations in the air",
    "reload": "make the daemon read its settings again",
    "restart": "restart one module of the daemon",
    "alerts": "list alerts, or explain one",
    "export": "save the positions of access points, for maps",
    "evidence": "save the frames of an alert, for Wireshark",
    "acknowledge": "mark alerts as seen",
    "report": "write a page about the survey and the alerts, to hand on",
    "history": "show the history of earlier days",
    "forget": "erase parts of the history",
    "rules": "list the detection rules with the thresholds in force, or explain one rule",
    "learn": "guard networks in their present state",
    "ignore": "list your own devices, which never count as followers",
    "visitors": "list devices nearby, the most likely followers first",
    "press": "press a key of the device",
    "screenshot": "save an image of the daemon's display",
    "lock": "make the radio stay on one channel",
    "unlock": "make the radio visit the channels of its plan again",
    "camp": "make the radio stay on one channel for a while",
    "record": "record frames, keep recordings, or list them",
    "copy-to-card": "copy recordings and reports to the partition of the card that every computer reads",
    "set-time": "set the clock of a device that no network tells the time",
    "security-updates": "install Debian's security updates, over the network",
    "capture": "stream frames live, for Wireshark",
    "report-hardware": "describe this machine for a report, without private data",
    "web-token": "show the web page's address, with the token to log in",
    "tail": "follow events, until Ctrl-C",
    "call": "call any verb of the daemon, also those of other packages' modules",
}
"""Every command with its summary, in the order of the help, so that the help imports none of them."""
