"""Sentences about the second process."""

from __future__ import annotations

import pytest

from whimbrel.events.base import Body
from whimbrel.events.device import ReachReport
from whimbrel.events.reach import AlertsMissed, DaemonReached, DaemonUnreachable, ReachStarted, ReachStopping
from whimbrel.wording.sentences import sentence


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            ReachStarted(version="1.0", config="/etc/w.yaml", modules=("mqtt", "notify")),
            "Whimbrel 1.0 reaches out with settings of /etc/w.yaml: mqtt, notify",
        ),
        (ReachStarted(version="1.0", config="", modules=()), "Whimbrel 1.0 reaches out with default settings: "),
        (ReachStopping(reason="SIGTERM"), "Stopping: SIGTERM"),
        (DaemonReached(version="1.0", away=None), "The daemon, version 1.0, is heard"),
        (DaemonReached(version="1.0", away=62.0), "The daemon, version 1.0, is heard again after 62 s"),
        (ReachReport(there=False), "Reach does not run"),
        (ReachReport(there=True), "Reach runs"),
        (
            ReachReport(there=True, page="http://10.66.0.1:8080", broker="no\nanswer", sent="Attack", waiting=2),
            "Reach runs: page http://10.66.0.1:8080, broker no\\nanswer, last message Attack, 2 wait",
        ),
        (DaemonUnreachable(reason="it has ended"), "The daemon cannot be heard: it has ended"),
        (
            AlertsMissed(before="90", after="12"),
            "Alerts between 12 and 90 were missed: the daemon does not remember them",
        ),
    ],
)
def test_in_words(body: Body, words: str) -> None:
    assert sentence(body) == words
