"""The frames that are counted: one of each, in the order in which ``frames.pcap`` holds them."""

from __future__ import annotations

NAMES = (
    "beacon", "probe request", "probe response", "QoS data to the access point", "QoS data from the access point",
    "null data", "acknowledgement", "clear to send", "block acknowledgement", "deauthentication", "EAPOL message 1",
    "EAPOL message 2", "EAPOL message 3", "EAPOL message 4",
)  # fmt: skip
