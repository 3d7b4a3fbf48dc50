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
"""What alerts of one cause may have in common, in words."""

_CUTTING = frozenset(
    {
        "deauth-flood", "broadcast-deauth", "odd-reason", "eapol-logoff-flood", "forged-deauth", "forced-roam",
        "corrupt-handshake", "forged-eap", "sa-query-storm",
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
_LURE = frozenset({"karma", "answer-to-nobody"})
_TOOL = frozenset({"attack-tool"})
_CROWD = frozenset({"auth-flood", "assoc-flood", "sae-flood", "eapol-start-flood"})
_KEYS = frozenset(
    {
        "key-reinstallation", "nonce-reuse", "zero-nonce", "pmkid-harvest", "wps-bruteforce", "sae-timing",
        "station-downgrade", "weak-eap", "wep-replay",
    }
)  # fmt: skip
_TAMPERING = frozenset(
    {"key-reinstallation", "plaintext-in-protected", "mixed-fragments", "amsdu-injection", "clear-action"}
)
_MALFORMED = frozenset({"malformed"})
_RESERVING = frozenset({"nav-abuse"})
_FAKES = frozenset({"beacon-flood"})
_AT_ACCESS_POINT = (
    _CUTTING | _HARVEST | _TWO_SENDERS | _OTHERWISE | _SWITCH | _COPY | _LURE | _TOOL | _CROWD | _KEYS | _TAMPERING
    | _MALFORMED
)  # fmt: skip


class Link(NamedTuple):
    """Rules whose alerts are of one cause where they overlap in time and have `by` in common."""

    by: str
    rules: frozenset[str]
    beside: frozenset[str] = frozenset()
    """Where there are any, an alert of `rules` and one of these belong together, and no two of one side: of two that
    attack a network by its name, each has an access point of its own."""


LINKS = (
    Link(BSSID, _AT_ACCESS_POINT),
    Link(SENDER, _COPY | _LURE | _TOOL | _MALFORMED),
    Link(STATION, _KEYS | _TAMPERING),
    Link(NETWORK, _CUTTING | _HARVEST, beside=_COPY),
    Link(CHANNEL, _RESERVING),
    Link(ALL, _FAKES),
)


class Cause(NamedTuple):
    """What is most likely going on where alerts of each of `needs` belong together, of at least `rules` rules in all.

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
        "Devices of {where} are being disconnected while another access point offers itself under that name.",
        "Who is thrown out of a network looks for it again, and may find the copy first: its owner then sees everything"
        " that is not encrypted by itself, and may ask for the password.",
        "Do not use that network here, and enter no password anywhere. Follow the signal of the copy to find it.",
    ),
    Cause(
        "man-in-the-middle",
        "Man in the middle",
        (_TWO_SENDERS | _OTHERWISE | _SWITCH | _COPY, _TAMPERING),
        "A second transmitter stands between {where} and its devices, and changes what they exchange.",
        "On another channel it poses as the access point, passes everything on, and changes or repeats what it likes.",
        "Switch Wi-Fi off on the devices of that network, or use a cable. Update them: the known attacks of this kind"
        " are closed in current systems.",
    ),
    Cause(
        "copy-drives-away",
        "Imitated and disconnected",
        (_TWO_SENDERS | _SWITCH, _CUTTING | _HARVEST),
        "Somebody imitates {where} and disconnects its devices, most likely to draw them over.",
        "The imitation uses the address of the access point, so devices cannot tell the two apart.",
        "Do not use that network here until it stops. WPA3, or PMF set to required, takes the ground from under it.",
    ),
    Cause(
        "handshakes-forced",
        "Handshakes being harvested",
        (_CUTTING, _HARVEST),
        "Devices of {where} are disconnected, and record is made of how they log in again.",
        "With such a recording passwords can be tried elsewhere, without limit and unseen. A long password stands it.",
        "Give the network a password of at least 16 characters, or WPA3. Set PMF to required where devices allow it.",
    ),
    Cause(
        "imitation",
        "Access point is imitated",
        (_TWO_SENDERS | _SWITCH,),
        "A second transmitter uses the address of {where}: {parts}.",
        "Two senders share one address, so one is not the access point. It may read along, weaken, or replace it.",
        "Do not use that network here until you know. If you have just replaced or set up the access point, wait.",
    ),
    Cause(
        "changed",
        "Access point has changed",
        (_OTHERWISE,),
        "{where} is not what it was: {parts}.",
        "Somebody has set it up anew, or something else answers in its place.",
        "If it is yours and you changed nothing, look at it. If it is not, do not use it until you know.",
    ),
    Cause(
        "rogue-access-point",
        "Rogue access point",
        (_LURE | _COPY,),
        "One access point poses as others, among them {where}: {parts}.",
        "It answers to the names that devices call for, so that they join it by themselves.",
        "Switch Wi-Fi off on devices that need none here, and have them forget open networks. Follow its signal.",
    ),
    Cause(
        "keys-attacked",
        "Attack on the encryption",
        (_TAMPERING,),
        "What {where} and its devices exchange is forged or repeated: {parts}.",
        "Gaps in how keys and fragments are handled let somebody read or insert what is encrypted.",
        "Update access point and devices: the known gaps of this kind are closed in current systems.",
    ),
    Cause(
        "cut-off",
        "Disconnection attack",
        (_CUTTING,),
        "Devices are being thrown out of {where} by forged frames: {parts}.",
        "Nobody can work in that network. What follows is often worse: a copy of it, or a recording of how devices"
        " log in again.",
        "Join no other network of that name. WPA3, or PMF set to required, takes the ground from under it.",
    ),
    Cause(
        "logins-flooded",
        "Flood of logins",
        (_CROWD,),
        "{where} is flooded with the logins of devices that are none: {parts}.",
        "The access point may lock out its own devices, or hang.",
        "Restart the access point where it hangs. The sender is near: follow its signal.",
    ),
)
"""The first whose needs are met counts; if none are, or all alerts are notices, the worst alert gives the title."""
