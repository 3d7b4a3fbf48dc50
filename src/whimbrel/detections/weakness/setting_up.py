"""Open networks of devices that wait for being set up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.weakness.networks import NetworkWeakness
from whimbrel.wifi.security import Protection

if TYPE_CHECKING:
    from whimbrel.survey.beacons import Announcement

_ONBOARDING = (
    "esp_", "esp32", "esp-", "tasmota", "shelly", "smartlife", "smart life", "sonoff", "itead-", "wled-ap", "tapo_",
    "tp-link_smart", "tp-link_extender", "lifx", "chromecast", "google home", "googlehome", "amazon-", "ring-",
    "ring setup", "wyze_", "meross", "hp-setup", "hp-print-", "roborock-", "chuangmi-", "zhimi-", "yeelink-", "viomi-",
    "wemo.", "irobot-", "roomba-", "ecobee", "broadlink", "mywifi_ext", "netgear_ext", "linksys extender setup",
    "wifi extender setup", "printer setup", "setup-",
)  # fmt: skip
"""The beginnings of the names under which devices wait, in lower case; from their makers' instructions."""


def waits_for_setup(name: bytes) -> bool:
    """Return whether a network has the name of a device that waits for being set up."""
    return name.isascii() and name.decode().lower().startswith(_ONBOARDING)


class SetupNetwork(NetworkWeakness):
    """An open network has a name under which devices of a known kind wait for being set up (`waits_for_setup`)."""

    rule = "setup-network"
    title = "Device waits for its set-up"
    says = "is the open network of a device that waits for being set up"
    meaning = (
        "A new, reset or disconnected device offers an open network so that its owner can set it up. Until then anybody"
        " near can do so, and read the password of the home network when it is passed to the device."
    )
    advice = "If it is yours, set it up or switch it off. Set it up where nobody else is near."
    fooled_by = "A network that somebody has given such a name."
    reference = "OWASP Internet of Things 2018, I9 (insecure default settings)"

    def heeds(self, said: Announcement) -> bool:
        """Return whether it is open."""
        return said.security.protection is Protection.OPEN

    def fits(self, name: bytes) -> bool:
        """Return whether it is such a name."""
        return waits_for_setup(name)


DETECTIONS = (SetupNetwork,)
