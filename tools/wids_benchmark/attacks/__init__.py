"""Every kind of attack; importing this package registers them all.

Nothing here can transmit: an attack is a list of octets with times. Each follows a published tool or paper, its
`source`.
"""

from tools.wids_benchmark.attacks import (  # noqa: F401
    airtime,
    copies,
    disconnecting,
    flooding,
    fragments,
    handshakes,
    harvesting,
    logins,
    lures,
    sightings,
    steering,
    two_places,
)
