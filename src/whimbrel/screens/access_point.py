"""One access point: its signal to walk by, everything that is known of it, its stations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from whimbrel.events.radio import LockChannel, UnlockChannel
from whimbrel.rows import AccessPointRow
from whimbrel.screens import survey_rows
from whimbrel.screens.guarding import guard_page
from whimbrel.screens.listing import Fact, Facts
from whimbrel.screens.notices import MessageScreen
from whimbrel.screens.page import Page
from whimbrel.screens.screen import Action, Say, Screen
from whimbrel.screens.signal_view import SignalView
from whimbrel.screens.stations import StationList
from whimbrel.text import mac, ssid
from whimbrel.wifi.channels import channel_label
from whimbrel.wording.quantities import age, dbm, share, short_count, span

if TYPE_CHECKING:
    from whimbrel.screens.state import ScreenState

REASON = "asked for on the screen"


class AccessPointSignal(SignalView[AccessPointRow]):
    """The signal; ok stays on its channel, or hops again."""

    def key(self, key: str, gesture: str, state: ScreenState) -> list[Action] | None:
        """Lock by ok, so that the graph has no gaps; unlock by ok."""
        if (key, gesture) != ("ok", "short"):
            return None
        row = survey_rows.access_point(state, self._address)
        if state.mode == "locked":
            return [Say(UnlockChannel(reason=REASON))]
        if row is None or not row.freq:
            return []
        return [Say(LockChannel(channel=survey_rows.channel_of(row), reason=REASON))]

    def note(self, state: ScreenState) -> str:
        """Return where the radio is."""
        return "locked" if state.mode == "locked" else "hopping" if state.mode == "hopping" else ""


def access_point_page(bssid: bytes) -> Screen:
    """Return the screen of one access point."""

    def facts(state: ScreenState) -> Sequence[Fact]:
        return _facts(state, bssid)

    return Page(
        "access point",
        AccessPointSignal(bssid, survey_rows.access_point, survey_rows.network_name, _short_facts),
        Facts(facts, MessageScreen),
        StationList(keep=lambda row: row.bssid == bssid),
    )


def _short_facts(row: AccessPointRow) -> list[str]:
    return [
        f"ch {channel_label(row.freq, row.channel) or '?'}",
        f"{row.band} GHz" if row.band else "",
        f"{row.width} MHz" if row.width else "",
        f"{row.stations} stn",
        f"{short_count(row.frames)} frm",
    ]


def _facts(state: ScreenState, bssid: bytes) -> list[Fact]:
    row = survey_rows.access_point(state, bssid)
    if row is None:
        return [Fact("BSSID", mac(bssid)), Fact("state", "not heard any more")]
    return [
        *_who(row, guarded=bssid in state.guarded),
        *_where(row),
        *_protection(row),
        *_activity(row, state.now),
        *(Fact(f"hash {part}", value) for part, value in row.fingerprint.items()),
    ]


def _who(row: AccessPointRow, *, guarded: bool) -> list[Fact]:
    name = ssid(row.ssid) or "not known"
    facts = [
        Fact("SSID", f"{name} (hidden)" if row.hidden else name),
        Fact("BSSID", mac(row.bssid)),
        Fact("vendor", row.vendor or "not known"),
        Fact("guarded", "yes" if guarded else "no", _guarder(row.bssid)),
    ]
    if len(row.names) > 1 or row.names_dropped:
        more = f" and {row.names_dropped} more" if row.names_dropped else ""
        facts.append(Fact("names", ", ".join(map(ssid, row.names)) + more))
    if row.carrier:
        facts.append(Fact("carried by", mac(row.carrier), _opener(row.carrier)))
    return facts


def _opener(bssid: bytes) -> Callable[[], Screen]:
    return lambda: access_point_page(bssid)


def _guarder(bssid: bytes) -> Callable[[], Screen]:
    return lambda: guard_page(bssid)


def _where(row: AccessPointRow) -> list[Fact]:
    band = f"{row.band} GHz" if row.band else "not known"
    return [
        Fact("channel", channel_label(row.freq, row.channel) or "?"),
        Fact("band", band),
        Fact("frequency", f"{row.freq} MHz" if row.freq else "not known"),
        Fact("width", f"{row.width} MHz" if row.width else "not known"),
        Fact("PHY", row.phy),
        Fact("country", row.country or "not told"),
        Fact("kind", "ad hoc" if row.adhoc else "infrastructure"),
    ]


def _protection(row: AccessPointRow) -> list[Fact]:
    return [
        Fact("security", str(row.security)),
        Fact("PMF", str(row.pmf)),
        Fact("keys", ", ".join(row.akms) or "none"),
        Fact("ciphers", ", ".join(row.ciphers) or "none"),
        Fact("group", row.group_cipher or "none"),
        Fact("WPS", "yes" if row.wps else "no"),
    ]


def _activity(row: AccessPointRow, now: float) -> list[Fact]:
    load, signal = row.load, row.rssi
    measured = row.measured_interval
    facts = [
        Fact("signal", dbm(signal.smoothed)),
        Fact("last frame", dbm(signal.last)),
        Fact("weakest", dbm(signal.min)),
        Fact("strongest", dbm(signal.max)),
        Fact("stations", str(row.stations)),
        Fact("frames", short_count(row.frames)),
        Fact("beacons", short_count(row.beacons)),
        Fact("interval", f"{row.interval} TU" if row.interval else "not known"),
        Fact("measured", "not yet" if measured is None else f"{measured} TU"),
        Fact("up for", "not known" if row.uptime is None else span(row.uptime)),
        Fact("last heard", f"{age(now - row.last)} ago"),
        Fact("first heard", f"{age(now - row.first)} ago"),
        Fact("sequence", "not known" if row.last_seq is None else str(row.last_seq)),
        Fact("flips", str(row.flips)),
    ]
    if load is not None:
        facts.insert(5, Fact("says it has", f"{load.stations} stations"))
        facts.insert(6, Fact("says busy", share(load.utilisation)))
    return facts
