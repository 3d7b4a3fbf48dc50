"""The alerts that may have one cause, and the most likely causes, as tables."""

from __future__ import annotations

from typing import NamedTuple

BSSID, SENDER, STATION, NETWORK, CHANNEL, ALL = "bssid", "sender", "station", "network", "channel", "all"
COMMON = {
    BSSID: "the access point",
    SENDER: "the address that sends",
    STATION: "the station",
    NETWORK: "the name of the network",
    CHANNEL: "the channel",
    ALL: "nothing but the time",
}
"""The common property of alerts with one cause, in words."""

_CUTTING = frozenset(
    {
        "deauth-flood", "broadcast-deauth", "odd-reason", "eapol-logoff-flood", "forged-deauth", "forced-roam",
        "corrupt-handshake", "forged-eap", "sa-query-storm", "quiet-abuse", "power-save-denial", "link-removal",
        "impossible-login",
    }
)  # fmt: skip
_HARVEST = frozenset({"handshake-harvest"})
_TWO_SENDERS = frozenset(
    {"two-clocks", "two-counters", "two-levels", "two-channels", "own-address", "sae-answers-contradict"}
)
_OTHERWISE = frozenset(
    {"fingerprint-change", "interval-change", "country-change", "security-downgrade", "guard-breach", "adhoc-conflict"}
)
_SWITCH = frozenset({"forged-channel-switch"})
_COPY = frozenset({"evil-twin", "lookalike-ssid"})
_LURE = frozenset({"karma", "answer-to-nobody", "survey-abuse"})
_STRAY = frozenset({"stray-device"})
_TROUBLE = frozenset({"channel-in-trouble"})
_TOOL = frozenset({"attack-tool"})
_CROWD = frozenset({"auth-flood", "assoc-flood", "sae-flood", "eapol-start-flood"})
_KEYS = frozenset(
    {
        "key-reinstallation", "nonce-reuse", "zero-nonce", "pmkid-harvest", "wps-bruteforce", "sae-timing",
        "sae-guessing", "station-downgrade", "weak-eap", "wep-replay",
    }
)  # fmt: skip
_TAMPERING = frozenset(
    {
        "key-reinstallation",
        "plaintext-in-protected",
        "mixed-fragments",
        "amsdu-injection",
        "clear-action",
        "group-key-abuse",
        "gateway-as-station",
    }
)
_MALFORMED = frozenset({"malformed"})
_RESERVING = frozenset({"nav-abuse"})
_FAKES = frozenset({"beacon-flood"})
_AT_ACCESS_POINT = (
    _CUTTING | _HARVEST | _TWO_SENDERS | _OTHERWISE | _SWITCH | _COPY | _LURE | _TOOL | _CROWD | _KEYS | _TAMPERING
    | _MALFORMED | _STRAY
)  # fmt: skip


class Link(NamedTuple):
    """Rules whose alerts have one cause if they overlap in time and have `by` in common."""

    by: str
    rules: frozenset[str]
    beside: frozenset[str] = frozenset()
    """If not empty, an alert of `rules` belongs together with one of these rules, and two of the same side do not: two
    attacks on one SSID may concern different access points."""


LINKS = (
    Link(BSSID, _AT_ACCESS_POINT),
    Link(SENDER, _COPY | _LURE | _TOOL | _MALFORMED),
    Link(STATION, _KEYS | _TAMPERING),
    Link(NETWORK, _CUTTING | _HARVEST | _STRAY, beside=_COPY),
    Link(CHANNEL, _RESERVING | _TROUBLE),
    Link(ALL, _FAKES),
)


class Cause(NamedTuple):
    """The most likely cause of alerts that belong together: at least one of each of `needs`, and of at least `rules`
    rules in all.

    `{where}` in a text is the network and its access point, `{parts}` the titles of the alerts.
    """

    name: str
    """Lower case and hyphens."""
    title: str
    """In at most 28 characters: it must fit on the panel."""
    needs: tuple[frozenset[str], ...]
    text: str
    meaning: str
    advice: str
    rules: int = 2


CAUSES = (
    Cause(
        "lured-to-a-copy",
        "Devices lured to a copy",
        (_CUTTING | _HARVEST, _COPY),
        "Devices of {where} are being disconnected while another access point uses its name.",
        "A disconnected device looks for the network again, and may find the copy first. The owner of the copy then"
        " sees everything that is not encrypted separately, and may ask for the password.",
        "Do not use that network here, and enter no password anywhere. Follow the signal of the copy to find it.",
    ),
    Cause(
        "man-in-the-middle",
        "Man in the middle",
        (_TWO_SENDERS | _OTHERWISE | _SWITCH | _COPY, _TAMPERING),
        "A second transmitter relays the traffic between {where} and its devices, and changes it.",
        "It poses as the access point on another channel, and can change or repeat everything that it passes on.",
        "Switch Wi-Fi off on the devices of that network, or use a cable. Update them: current systems are protected"
        " against the known attacks of this kind.",
    ),
    Cause(
        "copy-drives-away",
        "Imitated and disconnected",
        (_TWO_SENDERS | _SWITCH, _CUTTING | _HARVEST),
        "Somebody imitates {where} and disconnects its devices, most likely to lure them to the imitation.",
        "The imitation uses the address of the access point, so devices cannot tell the two apart.",
        "Do not use that network here until it stops. WPA3, or PMF set to required, prevents such disconnections.",
    ),
    Cause(
        "handshakes-forced",
        "Handshakes being harvested",
        (_CUTTING, _HARVEST),
        "Devices of {where} are being disconnected so that their new logins can be recorded.",
        "An attacker can try passwords against such a recording elsewhere, without limit and unseen. A long password"
        " resists.",
        "Give the network a password of at least 16 characters, or WPA3. Set PMF to required where devices allow it.",
    ),
    Cause(
        "imitation",
        "Access point is imitated",
        (_TWO_SENDERS | _SWITCH,),
        "A second transmitter uses the address of {where}: {parts}.",
        "Two senders share one address, so one of them is not the access point. It may read traffic, or weaken or"
        " replace the network.",
        "Do not use that network here until you know. If you have just replaced or set up the access point, wait.",
    ),
    Cause(
        "changed",
        "Access point has changed",
        (_OTHERWISE,),
        "{where} has changed: {parts}.",
        "Somebody has changed its settings, or another device answers in its place.",
        "If it is yours and you changed nothing, check it. If it is not yours, do not use it until you know the"
        " reason.",
    ),
    Cause(
        "rogue-access-point",
        "Rogue access point",
        (_LURE | _COPY,),
        "One access point poses as others, among them {where}: {parts}.",
        "It answers to the names that devices probe for, so they may join it by themselves.",
        "Switch Wi-Fi off on devices that do not need it here, and delete open networks from them. Follow its signal.",
    ),
    Cause(
        "keys-attacked",
        "Attack on the encryption",
        (_TAMPERING,),
        "Frames between {where} and its devices are forged or repeated: {parts}.",
        "Flaws in the handling of keys and fragments let an attacker read or insert encrypted data.",
        "Update access point and devices: current systems have fixed the known flaws of this kind.",
    ),
    Cause(
        "cut-off",
        "Disconnection attack",
        (_CUTTING,),
        "Forged frames disconnect devices from {where}: {parts}.",
        "That network is hardly usable. A worse attack often follows: a copy of it, or a recording of the new logins.",
        "Join no other network of that name. WPA3, or PMF set to required, prevents such disconnections.",
    ),
    Cause(
        "logins-flooded",
        "Flood of logins",
        (_CROWD,),
        "{where} is flooded with logins of devices that do not exist: {parts}.",
        "The access point may lock out its own devices, or hang.",
        "Restart the access point if it hangs. The sender is near: follow its signal.",
    ),
)
"""The first cause whose needs are met counts. If there is none, or all alerts are notices, the incident has the title
of the worst alert."""
