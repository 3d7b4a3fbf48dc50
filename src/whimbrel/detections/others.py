"""What other detectors look for, for docs/detections.md: their names for it, and what is to be said of each.

Kismet: conf/kismet_alerts.conf and the sources of its 802.11 part. nzyme: DetectionType and the monitoring and bandit
parts of its server.
"""

from __future__ import annotations

INTRODUCTION = (
    "Their rules, by the names in their sources, and what looks for the same here. A rule is listed as ours where the "
    "same attack raises it, not where it is built alike."
)

KISMET = {
    "ADHOCCONFLICT": "",
    "ADVCRYPTCHANGE": "Theirs: any change. Ours: one for the worse.",
    "AIRJACKSSID": "The mark of a tool of 2002.",
    "APSPOOF": "Theirs needs a list of addresses; reported never to fire.",
    "BCASTDISCON": "Theirs: any broadcast disconnection, also of an access point that is switched off.",
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
    "DHCPCLIENTID": "Needs DHCP in the clear: what stations say inside an open network is not read.",
    "DHCPCONFLICT": "Registered, raised by nothing.",
    "DHCPNAMECHANGE": "As DHCPCLIENTID.",
    "DHCPOSCHANGE": "As DHCPCLIENTID.",
    "DISASSOCTRAFFIC": "Traffic after a disconnection: stations with PMF that ignore a forged one look the same.",
    "DISCONCODEINVALID": "",
    "DOT11D": "",
    "FLIPPERZERO": "Bluetooth.",
    "FORMATSTRING": "Names are escaped at every edge; a name with % in it is no attack on anything known.",
    "KARMAOUI": "Theirs: an address that anybody can take.",
    "LONGSSID": "",
    "LUCENTTEST": "Registered, raised by nothing.",
    "MALFORMMGMT": "Registered, raised by nothing.",
    "MSFBCOMSSID": "",
    "MSFDLINKRATE": "",
    "MSFNETGEARBEACON": "A beacon of over 1,100 octets, which is usual since Wi-Fi 6.",
    "NETSTUMBLER": "Registered, raised by nothing.",
    "NOCLIENTMFP": "",
    "NONCEDEGRADE": "Theirs is off: it fires at captures with gaps.",
    "NONCEREUSE": "Theirs is off: it cannot tell a retransmission.",
    "NULLPROBERESP": "Registered, raised by nothing.",
    "OVERPOWERED": "Signal scales differ by driver, and the device is carried about; see two-levels.",
    "PROBECHAN": "",
    "QCOMEXTENDED": "",
    "RSNLOOP": "",
    "RTL8195VD1406": "",
    "RTLWIFIP2P": "",
    "SSIDCANARY": "",
    "VDOO202027301": "",
    "VDOO202027302": "Key data of over 128 octets, which is usual today; over 257 is told.",
    "WMMOVERFLOW": "",
    "WMMTSPEC": "",
    "WPSBRUTE": "Theirs misses most while hopping.",
}

NZYME = {
    "MONITOR_BSSID": "",
    "MONITOR_CHANNEL": "",
    "MONITOR_SECURITY_SUITE": "",
    "MONITOR_FINGERPRINT": "Theirs: one frame suffices, and it does not say what differs.",
    "MONITOR_SIGNAL_TRACK": "Theirs needs hours of signal.",
    "BANDIT_CONTACT": "",
    "DISCO_ANOMALIES": "Theirs: a static threshold, off until set.",
    "SIMILAR_SSID": "",
    "SUBSTRING": "",
    "UNAPPROVED_SSID": "A list of every network that may be near you: no home has one.",
    "UNAPPROVED_CLIENT": "",
    "PROBEREQ": "",
}

LEFT_OUT: dict[str, str] = {
    "DHCP names, operating systems and client identifiers": "they stand in payload; Whimbrel reads headers and what "
    "manages networks, not what people send.",
    "Bluetooth": "the radio of this device listens to Wi-Fi alone.",
    "Power-save spoofing": "a PS-Poll with another station's AID shows only to who has heard every association, which "
    "a hopping radio has not; a forged TIM differs from a true one by bits that change anyway.",
    "Signals that are too strong": "what -10 dBm means depends on the driver, and who puts the device next to a router "
    "sees the same; that one address has two levels at once is looked for.",
    "A list of all approved networks": "a device that is carried about meets new ones at every corner; guarded "
    "networks are what can be kept.",
}
"""What is deliberately not looked for, and why."""
