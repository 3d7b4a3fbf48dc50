"""An access point, a station, the list of stations: pages that open each other, and so are one file."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TYPE_CHECKING

from whimbrel.events.radio import LockChannel, UnlockChannel
from whimbrel.rows import AccessPointRow, ReceiverLevelRow, StationRow
from whimbrel.screens import survey_rows
from whimbrel.screens.guarding import guard_page
from whimbrel.screens.inks import LIGHT, MUTED
from whimbrel.screens.listing import Fact, Facts, RowArea, put, put_icon, put_small
from whimbrel.screens.notices import MessageScreen, unheard_screen
from whimbrel.screens.page import Page
from whimbrel.screens.screen import Action, Push, Say, Screen
from whimbrel.screens.signal_view import SignalView
from whimbrel.screens.sorting import Sorted
from whimbrel.screens.state import SCANNING
from whimbrel.screens.styles import WIDE
from whimbrel.screens.survey_rows import Filter, Order
from whimbrel.text import mac, ssid
from whimbrel.wifi.channels import channel_label
from whimbrel.wording.phrases import network_shown
from whimbrel.wording.quantities import age, dbm, octets, share, short_count, span

if TYPE_CHECKING:
    from whimbrel.screens.canvas import Canvas
    from whimbrel.screens.state import ScreenState

REASON = "requested on the screen"
ORDERS: tuple[Order[StationRow], ...] = (
    Order("sig", survey_rows.by_signal),
    Order("age", survey_rows.by_age),
    Order("name", lambda row: (not row.vendor, row.vendor.casefold(), row.station)),
    Order("data", lambda row: -row.data_octets),
)
FILTERS: tuple[Filter[StationRow], ...] = (
    Filter("stations", lambda _row: True),
    Filter("joined", lambda row: row.bssid is not None),
    Filter("asking", lambda row: bool(row.probed)),
)
_GAP = 6
"""Pixels before the further column of a wide panel."""


class AccessPointSignal(SignalView[AccessPointRow]):
    """The signal; ok stays on its channel, or hops again."""

    def key(self, key: str, gesture: str, state: ScreenState) -> list[Action] | None:
        """Lock by ok, so that the graph has no gaps; unlock by ok."""
        if (key, gesture) != ("ok", "short"):
            return None
        row = survey_rows.access_point(state, self._address)
        if state.mode == "locked":
            return [Say(UnlockChannel(reason=REASON))]
        if state.mode == SCANNING:
            return [Push(unheard_screen())]
        if row is None or not row.freq:
            return []
        return [Say(LockChannel(channel=survey_rows.channel_of(row), reason=REASON))]

    def note(self, state: ScreenState) -> str:
        """Return where the radio is."""
        return state.mode if state.mode in {"locked", "hopping", SCANNING} else ""


def access_point_page(bssid: bytes) -> Screen:
    """Return the screen of one access point."""

    def facts(state: ScreenState) -> Sequence[Fact]:
        return _access_point_facts(state, bssid)

    return Page(
        "access point",
        AccessPointSignal(bssid, survey_rows.access_point, survey_rows.network_name, _access_point_in_short),
        Facts(facts, MessageScreen),
        StationList(keep=lambda row: row.bssid == bssid),
    )


def _access_point_in_short(row: AccessPointRow) -> list[str]:
    return [
        f"ch {channel_label(row.freq, row.channel) or '?'}",
        f"{row.band} GHz" if row.band else "",
        f"{row.width} MHz" if row.width else "",
        f"{row.stations} stn",
        f"{short_count(row.frames)} frm",
    ]


def _access_point_facts(state: ScreenState, bssid: bytes) -> list[Fact]:
    row = survey_rows.access_point(state, bssid)
    if row is None:
        return [Fact("BSSID", mac(bssid)), Fact("state", "not heard any more")]
    return [
        *_who(row, guarded=bssid in state.guarded),
        *_links(row, survey_rows.access_points(state)),
        *_where(row),
        *_protection(row),
        *_activity(row, state),
        *(Fact(f"hash {part}", value) for part, value in row.fingerprint.items()),
    ]


def _who(row: AccessPointRow, *, guarded: bool) -> list[Fact]:
    name = network_shown(row.ssid, row.mesh_id, "not known")
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


def _links(row: AccessPointRow, rows: Iterable[AccessPointRow]) -> list[Fact]:
    """Return the multi-link device of an access point, and the others of its links that are heard."""
    if row.mld is None:
        return []
    own = "" if row.link is None else f", link {row.link}"
    facts = [Fact("device", f"{mac(row.mld)}{own}")]
    for other in rows:
        if other.mld == row.mld and other.bssid != row.bssid:
            name = "link" if other.link is None else f"link {other.link}"
            where = channel_label(other.freq, other.channel) or "?"
            facts.append(Fact(name, f"ch {where} {mac(other.bssid)}", _opener(other.bssid)))
    return facts


def _opener(bssid: bytes) -> Callable[[], Screen]:
    return lambda: access_point_page(bssid)


def _guarder(bssid: bytes) -> Callable[[], Screen]:
    return lambda: guard_page(bssid)


def _where(row: AccessPointRow) -> list[Fact]:
    band = f"{row.band} GHz" if row.band else "not known"
    return [
        Fact("channel", channel_label(row.freq, row.channel) or "?"),
        *([Fact("heard on", channel_label(row.heard_on) or f"{row.heard_on} MHz")] if row.heard_on else []),
        Fact("band", band),
        Fact("frequency", f"{row.freq} MHz" if row.freq else "not known"),
        Fact("width", f"{row.width} MHz" if row.width else "not known"),
        Fact("PHY", row.phy),
        Fact("country", row.country or "not told"),
        Fact("kind", "ad hoc" if row.adhoc else "infrastructure" if row.mesh_id is None else "mesh"),
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


def _levels(state: ScreenState, levels: Sequence[ReceiverLevelRow]) -> list[Fact]:
    """Return how strongly each of several receivers hears a device."""
    names = {row.number: row.receiver for row in state.receivers}
    return [Fact(f"at {names.get(each.receiver, each.receiver)}", dbm(each.rssi.smoothed)) for each in levels]


def _activity(row: AccessPointRow, state: ScreenState) -> list[Fact]:
    now = state.now
    load, signal = row.load, row.rssi
    measured = row.measured_interval
    facts = [
        Fact("signal", dbm(signal.smoothed)),
        Fact("last frame", dbm(signal.last)),
        Fact("weakest", dbm(signal.min)),
        Fact("strongest", dbm(signal.max)),
        *_levels(state, row.levels),
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


class StationList(Sorted[StationRow]):
    """Every station, or those that `keep` keeps."""

    empty = "none heard yet"

    def __init__(self, keep: Callable[[StationRow], bool] | None = None) -> None:
        super().__init__(ORDERS, FILTERS if keep is None else (Filter("its stations", keep),))

    def source(self, state: ScreenState) -> Sequence[StationRow]:
        """Return the rows of the survey."""
        return survey_rows.stations(state)

    def identity(self, row: StationRow) -> Hashable:
        """Return the address."""
        return row.station

    def key(self, key: str, gesture: str, state: ScreenState) -> list[Action] | None:
        """Leave left and right to the page where this list is one view of several."""
        if key in {"left", "right"} and len(self.filters) == 1:
            return None
        return super().key(key, gesture, state)

    def draw_row(self, canvas: Canvas, line: RowArea, row: StationRow, state: ScreenState) -> None:
        """Draw one station, with its sort value at the right."""
        put_icon(canvas, line, line.left, "random" if row.randomised else "device")
        wide = canvas.width >= WIDE
        unit = canvas.style.unit
        right = line.right
        if wide or self.order.name not in {"age", "data"}:
            right = survey_rows.draw_signal(canvas, line, right, survey_rows.strength(row)) - (_GAP if wide else 0)
        if self.order.name == "data":
            right = put_small(canvas, line, right, short_count(row.data_octets), LIGHT)
        elif wide or self.order.name == "age":
            right = put_small(canvas, line, right, age(state.now - row.last), MUTED if wide else LIGHT)
        put(canvas, line, line.left + 8 * unit, right - 3 * unit, survey_rows.station_name(row))

    def opened(self, row: StationRow, state: ScreenState) -> list[Action]:
        """Show one station."""
        return [Push(station_page(row.station))]


def stations_page() -> Screen:
    """Return the screen of all stations."""
    return Page("stations", StationList())


def station_page(address: bytes) -> Screen:
    """Return the screen of one station."""

    def facts(state: ScreenState) -> Sequence[Fact]:
        return _station_facts(state, address)

    return Page(
        "station",
        SignalView(address, survey_rows.station, survey_rows.station_name, _station_in_short),
        Facts(facts, MessageScreen),
    )


def _station_in_short(row: StationRow) -> list[str]:
    return [f"{short_count(row.frames)} frm", octets(row.data_octets)]


def _station_facts(state: ScreenState, address: bytes) -> list[Fact]:
    row = survey_rows.station(state, address)
    if row is None:
        return [Fact("MAC", mac(address)), Fact("state", "not heard any more")]
    asked = ", ".join(map(ssid, row.probed))
    if row.probed_dropped:
        asked += f" and {row.probed_dropped} more"
    return [
        Fact("MAC", mac(row.station)),
        Fact("vendor", row.vendor or ("random address" if row.randomised else "not known")),
        _network(state, row.bssid),
        Fact("asks for", asked or "nothing by name"),
        Fact("frames", short_count(row.frames)),
        Fact("data", octets(row.data_octets)),
        Fact("weakest", dbm(row.rssi.min)),
        Fact("strongest", dbm(row.rssi.max)),
        *_levels(state, row.levels),
        Fact("last heard", f"{age(state.now - row.last)} ago"),
        Fact("first heard", f"{age(state.now - row.first)} ago"),
        Fact("fingerprint", row.fingerprint or "not yet"),
    ]


def _network(state: ScreenState, bssid: bytes | None) -> Fact:
    if bssid is None:
        return Fact("network", "none known")
    row = survey_rows.access_point(state, bssid)
    if row is None:
        return Fact("network", mac(bssid))
    return Fact("network", survey_rows.network_name(row), _opener(bssid))
