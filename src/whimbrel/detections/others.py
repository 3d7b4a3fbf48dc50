"""The alerts of other detectors, for docs/detections.md: their names, and a remark on each.

Kismet: conf/kismet_alerts.conf and the sources of its 802.11 part. nzyme: DetectionType and the monitoring and bandit
parts of its server. sloth: the list of its alerts. Products for companies: their manuals.
"""

from __future__ import annotations

INTRODUCTION = (
    "Their rules, under the names in their sources, with the matching rules of Whimbrel. A rule matches if the same "
    "attack raises it, even if it works differently."
)

KISMET = {
    "ADHOCCONFLICT": "",
    "ADVCRYPTCHANGE": "Theirs: any change. Ours: one for the worse.",
    "AIRJACKSSID": "The mark of a tool from 2002.",
    "APSPOOF": "Theirs needs a list of addresses; reported never to fire.",
    "BCASTDISCON": "Theirs: any broadcast disconnection, even from an access point that is switched off.",
    "BCOM11KCHAN": "A malformed neighbour report.",
    "BEACONRATE": "",
    "BLEEDINGTOOTH": "Bluetooth.",
    "BSSTIMESTAMP": "Theirs does not subtract the time that has passed.",
    "CHANCHANGE": "Theirs: any change, automatic channels too.",
    "CRYPTODROP": "",
    "DEAUTHCODEINVALID": "",
    "DEAUTHFLOOD": "Theirs resets after one quiet second: a slow attack never adds up.",
    "DEVICEFOUND": "",
    "DEVICELOST": "",
    "DHCPCLIENTID": "Needs DHCP in clear: Whimbrel does not read the data inside open networks.",
    "DHCPCONFLICT": "Registered, but nothing raises it.",
    "DHCPNAMECHANGE": "See DHCPCLIENTID.",
    "DHCPOSCHANGE": "See DHCPCLIENTID.",
    "DISASSOCTRAFFIC": "Traffic after a disconnection: stations with PMF that ignore a forged one look the same.",
    "DISCONCODEINVALID": "",
    "DOT11D": "",
    "FLIPPERZERO": "Bluetooth.",
    "FORMATSTRING": "Names are escaped wherever they are shown; no known attack uses a name with a %.",
    "KARMAOUI": "Theirs: an address that anybody can take.",
    "LONGSSID": "",
    "LUCENTTEST": "Registered, but nothing raises it.",
    "MALFORMMGMT": "Registered, but nothing raises it.",
    "MSFBCOMSSID": "",
    "MSFDLINKRATE": "",
    "MSFNETGEARBEACON": "A beacon of over 1,100 octets, which is usual since Wi-Fi 6.",
    "NETSTUMBLER": "Registered, but nothing raises it.",
    "NOCLIENTMFP": "",
    "NONCEDEGRADE": "Theirs is off: it fires at captures with gaps.",
    "NONCEREUSE": "Theirs is off: it cannot tell a retransmission.",
    "NULLPROBERESP": "Registered, but nothing raises it.",
    "OVERPOWERED": "Signal scales depend on the driver, and the device is mobile; see two-levels.",
    "PROBECHAN": "",
    "QCOMEXTENDED": "",
    "RSNLOOP": "",
    "RTL8195VD1406": "",
    "RTLWIFIP2P": "",
    "SSIDCANARY": "",
    "VDOO202027301": "",
    "VDOO202027302": "Key data of over 128 octets, which is usual today; `malformed` reports over 257.",
    "WMMOVERFLOW": "",
    "WMMTSPEC": "",
    "WPSBRUTE": "Theirs misses most while hopping.",
}

NZYME = {
    "MONITOR_BSSID": "",
    "MONITOR_CHANNEL": "",
    "MONITOR_SECURITY_SUITE": "",
    "MONITOR_FINGERPRINT": "Theirs: one frame suffices, and the difference is not named.",
    "MONITOR_SIGNAL_TRACK": "Theirs needs hours of signal.",
    "BANDIT_CONTACT": "",
    "DISCO_ANOMALIES": "Theirs: a static threshold, off until set.",
    "SIMILAR_SSID": "",
    "SUBSTRING": "",
    "UNAPPROVED_SSID": "Theirs needs a list of all networks near you: no home has one.",
    "UNAPPROVED_CLIENT": "",
    "PROBEREQ": "",
}

SLOTH: dict[str, tuple[tuple[str, ...], str]] = {
    "BLOCKACK_ATTACK": (("block-ack-window",), "Theirs: a leap alone, which a busy sender makes too."),
    "RTS_FLOOD": (("nav-abuse",), "Theirs counts frames; ours counts the air that they reserve and nobody uses."),
    "BTM_ABUSE": (("forced-roam",), ""),
    "SA_QUERY_FLOOD": (("sa-query-storm",), "Encrypted ones are known by their length."),
    "MFP_UNPROTECTED": (("clear-action",), ""),
    "SAE_PSK_SPLIT": (("split-protection",), ""),
    "SAE_PSK_REGRESSION": (("security-downgrade", "protection-fell"), ""),
    "RRM_SURVEY_ABUSE": (("survey-abuse",), "Where PMF is in use, such requests are encrypted."),
    "CSA_ABUSE": (("forged-channel-switch",), ""),
    "FRAG_*: data in clear after keys": (("plaintext-in-protected",), ""),
    "FRAG_*: fragment in clear to a group": (("mixed-fragments",), ""),
    "FRAG_*: over a reassociation": (("mixed-fragments",), "Theirs does not ask for the next packet number."),
    "FRAG_*: partly in clear": (("mixed-fragments",), ""),
    "FRAG_*: A-MSDU mark changed": ((), "The changed copy goes out on another channel than the original."),
    "FRAG_*: A-MSDU posing as EAPOL": (("amsdu-injection",), ""),
    "FRAG_*: over new keys": (("mixed-fragments",), ""),
    "FRAG_*: packet numbers": (("mixed-fragments",), ""),
    "FRAG_*: EAPOL between stations": (("plaintext-in-protected",), ""),
    "PEAP_NO_SERVER_CERT": ((), "A login that is resumed needs no certificate, and TLS 1.3 encrypts it."),
    "ROGUE_RADIUS": (("weak-eap", "identity-in-clear"), ""),
    "WPA_DOWNGRADE": (("transition-mode",), "Reported once, as a weakness."),
    "OPEN_SETUP_AP": (("setup-network",), ""),
    "UNKNOWN_DEVICE": (("unknown-device",), ""),
    "RECURRING_TRANSIT": (("follower",), "Ours: a device that is met again at other places."),
    "RF_DEGRADED": (("channel-in-trouble",), ""),
    "EVIL_TWIN": (("evil-twin",), ""),
}
"""Rules of sloth, a monitor for terminals: what looks for the same here, and what is to be said of each."""

ENTERPRISE: dict[str, tuple[tuple[str, ...], str]] = {
    "Forged EAP success or failure": (("forged-eap",), ""),
    "RTS or CTS rate": (("nav-abuse",), ""),
    "Block acknowledgement attack": (("block-ack-window",), ""),
    "Power-save denial, PS-Poll flood": (("power-save-denial",), ""),
    "Quiet element, NAV, airtime": (("quiet-abuse", "nav-abuse"), ""),
    "Client spoofing": (("station-at-two-places", "gateway-as-station"), ""),
    "Known client that joins elsewhere": (("stray-device",), ""),
    "Unknown client that joins": (("unknown-device",), ""),
    "Wireless bridge": ((), "Repeaters and meshes of homes are bridges with four addresses."),
    "FATA-jack": (("impossible-login",), ""),
    "Omerta": (("deauth-flood", "forged-deauth", "handshake-harvest"), ""),
    "TKIP replay, ChopChop, weak IVs": (
        ("wep-replay", "tkip-network", "wep-network"),
        "TKIP is a weakness here.",
    ),
    "ASLEAP": (("weak-eap",), ""),
    "40 MHz intolerance, greenfield": ((), "Neither does harm to devices of today."),
}
"""Kinds that products for companies list (Aruba, Cisco, Fortinet, HP)."""

LEFT_OUT: dict[str, str] = {
    "DHCP names, operating systems and client identifiers": "they are payload; Whimbrel reads headers and "
    "management frames, not people's data.",
    "Bluetooth": "the radio of this device receives only Wi-Fi.",
    "A forged TIM": "it differs from a real one by bits that change anyway.",
    "Signals that are too strong": "the meaning of -10 dBm depends on the driver, and a device next to a router "
    "sees such levels too. Two levels of one address at once are detected.",
    "A list of all approved networks": "a mobile device meets new ones at every corner. Guarded "
    "networks take the place of such a list.",
}
"""Attacks that are deliberately not detected, with the reason."""


def of_more() -> frozenset[str]:
    """Return the rules here that detect the same as one of `SLOTH` and `ENTERPRISE`."""
    return frozenset(rule for table in (SLOTH, ENTERPRISE) for rules, _ in table.values() for rule in rules)
