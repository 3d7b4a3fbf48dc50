"""Explains the kernel's refusals to tune, in one sentence each with advice."""

from __future__ import annotations

import errno
from collections.abc import Sequence

from whimbrel.drivers.nl80211.client import Wiphy
from whimbrel.drivers.nl80211.codec import NetlinkError
from whimbrel.drivers.ports import TuneError
from whimbrel.image import is_image
from whimbrel.wifi.channels import Channel

_FORBIDDEN = frozenset({errno.EINVAL, errno.EOPNOTSUPP, errno.ERANGE})
_GONE = frozenset({errno.ENODEV, errno.ENOENT})


def refused_channel(
    error: NetlinkError, channel: Channel, radio: Wiphy, *, country: str = "", others_up: Sequence[str] = ()
) -> TuneError:
    """Explain why `channel` could not be set.

    `country` is the regulatory domain's; `others_up` are the other interfaces of the radio that are up.
    """
    where = f"channel {channel} ({channel.freq} MHz)"
    if error.errno == errno.EBUSY:
        who = " and ".join(others_up) or "another interface"
        down = f"take it down ('ip link set {others_up[0]} down')" if others_up else "take it down"
        return TuneError(f"{where}: {who} keeps {radio.name} on its own channel: {down}, or use a radio of its own")
    if error.errno in _FORBIDDEN:
        return TuneError(f"{where}: {_why_forbidden(error, channel, radio, country)}", forbidden=True)
    return TuneError(f"{where}: {_passing(error, radio)}")


def refused_step(error: NetlinkError, radio: Wiphy) -> TuneError:
    """Explain why the interface could not be cycled or recreated."""
    return TuneError(_passing(error, radio), forbidden=error.errno == errno.EOPNOTSUPP)


def refused_interface(error: NetlinkError, doing: str, unable: str, other: str) -> str:
    """Explain why an interface could not be made or used: `doing` needs a right, `unable` is said of a driver that
    cannot do it, `other` is what else to try."""
    if error.errno in {errno.EPERM, errno.EACCES}:
        return f"{error}: {doing} needs root, or the capability CAP_NET_ADMIN"
    if error.errno == errno.ERFKILL:
        return f"{error}: {_switched_off('the radio')}"
    if error.errno == errno.EOPNOTSUPP:
        return f"{error}: the driver {unable}"
    return f"{error}: try another {other}"


def _switched_off(radio: str) -> str:
    way = "0 in its file soft of /sys/class/rfkill" if is_image() else "'rfkill unblock wifi'"
    return f"{radio} is switched off; {way} switches it on"


def _why_forbidden(error: NetlinkError, channel: Channel, radio: Wiphy, country: str) -> str:
    if error.errno == errno.EOPNOTSUPP:
        return f"the driver of {radio.name} does not let the channel be set ({error})"
    known = next((known for known in radio.frequencies if known.freq == channel.freq), None)
    if known is None:
        return f"{radio.name} has no such channel; take it out of the plan, or use a radio of that band"
    if known.disabled:
        way = "country= in device.txt on the card" if is_image() else "'iw reg set XX', or in raspi-config"
        domain = f"the regulatory domain {country or 'in force'}"
        return f"{domain} forbids it; if that is not your country, set yours ({way})"
    if channel.width not in known.widths:
        return f"{radio.name} cannot listen {channel.width} MHz wide there; use 20 MHz"
    return f"{radio.name} or the regulatory domain {country or 'in force'} does not allow it ({error})"


def _passing(error: NetlinkError, radio: Wiphy) -> str:
    if error.errno == errno.ETIMEDOUT:
        return f"{radio.name} did not answer in time ({error}); once is normal, often is a stalled radio"
    if error.errno in _GONE:
        return f"the interface is gone ({error}); is the adapter still plugged in?"
    if error.errno == errno.EPERM:
        return f"not permitted ({error}): needs root, or the capability CAP_NET_ADMIN"
    if error.errno == errno.ERFKILL:
        return _switched_off(radio.name)
    return str(error)
