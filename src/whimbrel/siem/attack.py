"""The techniques of MITRE ATT&CK (Enterprise) that rules stand for: where one fits, and none where it does not.

A weakness is no technique: nobody does anything. Nor is a mark that only says that two transmitters differ.
"""

from __future__ import annotations

from typing import NamedTuple


class AttackTechnique(NamedTuple):
    """A technique."""

    id: str
    name: str
    tactic: str

    @property
    def url(self) -> str:
        """Its page."""
        return f"https://attack.mitre.org/techniques/{self.id.replace('.', '/')}/"


_NETWORK_DOS = AttackTechnique("T1498", "Network Denial of Service", "Impact")
_ENDPOINT_DOS = AttackTechnique("T1499", "Endpoint Denial of Service", "Impact")
_IN_THE_MIDDLE = AttackTechnique("T1557", "Adversary-in-the-Middle", "Credential Access")
_EVIL_TWIN = AttackTechnique("T1557.004", "Adversary-in-the-Middle: Evil Twin", "Credential Access")
_SNIFFING = AttackTechnique("T1040", "Network Sniffing", "Credential Access")
_GUESSING = AttackTechnique("T1110.001", "Brute Force: Password Guessing", "Credential Access")
_CRACKING = AttackTechnique("T1110.002", "Brute Force: Password Cracking", "Credential Access")
_MANIPULATION = AttackTechnique("T1565.002", "Data Manipulation: Transmitted Data Manipulation", "Impact")
_DOWNGRADE = AttackTechnique("T1562.010", "Impair Defenses: Downgrade Attack", "Defense Evasion")

_RULES: dict[AttackTechnique, str] = {
    _NETWORK_DOS: "deauth-flood broadcast-deauth forged-deauth eapol-logoff-flood forged-eap forged-channel-switch "
    "nav-abuse block-ack-window quiet-abuse power-save-denial link-removal "
    "impossible-login",
    _ENDPOINT_DOS: "auth-flood assoc-flood sae-flood eapol-start-flood",
    _IN_THE_MIDDLE: "key-reinstallation",
    _EVIL_TWIN: "evil-twin lookalike-ssid karma answer-to-nobody forced-roam stray-device",
    _SNIFFING: "handshake-harvest",
    _GUESSING: "wps-bruteforce sae-guessing",
    _CRACKING: "pmkid-harvest handshake-harvest wep-replay sae-timing",
    _MANIPULATION: "plaintext-in-protected mixed-fragments amsdu-injection group-key-abuse",
    _DOWNGRADE: "security-downgrade station-downgrade",
}
_NONE = """
    odd-reason probe-flood beacon-flood sa-query-storm guard-breach adhoc-conflict attack-tool two-clocks two-counters
    two-levels two-channels fingerprint-change country-change interval-change own-address station-at-two-places
    gateway-as-station sae-answers-contradict open-network wep-network tkip-network wps-network pmf-missing
    transition-mode split-protection default-name probing-in-clear client-without-pmf weakness-returned
    protection-fell watched-device unknown-device follower drone surveillance-device survey-abuse setup-network
    channel-in-trouble corrupt-handshake clear-action nonce-reuse zero-nonce weak-eap identity-in-clear malformed
"""
NONE = frozenset(_NONE.split())
"""Rules that no technique fits."""

TECHNIQUES: dict[str, tuple[AttackTechnique, ...]] = {}
"""By rule; rules that none fits are left out."""
for _technique, _names in _RULES.items():
    for _name in _names.split():
        TECHNIQUES[_name] = (*TECHNIQUES.get(_name, ()), _technique)


def techniques(rules: tuple[str, ...]) -> tuple[AttackTechnique, ...]:
    """Return the techniques of some rules, each once."""
    return tuple(dict.fromkeys(each for rule in rules for each in TECHNIQUES.get(rule, ())))
