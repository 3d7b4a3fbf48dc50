"""One line that a person can read, for every event body; nothing that came off the air can forge a second one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from whimbrel.events.base import Body
from whimbrel.events.encode import dump, encode_body, kind_of
from whimbrel.journal.phrases import called, clock, count, dbm, maker, network, place, span, why
from whimbrel.text import harmless, mac, printable

if TYPE_CHECKING:
    from whimbrel.events import air, hands, radio, system

MAX_LENGTH = 2000
"""Characters of a sentence: a trace or a third-party body may be of any length, a line for a person may not."""


def sentence(body: object) -> str:
    """Say what `body` says, in one printable line of at most `MAX_LENGTH` characters.

    A third-party body may bring its own wording as a method ``sentence() -> str``; any other is shown field by field.
    Nothing raises.
    """
    write = _SENTENCES.get(kind_of(body)) or _own_words
    try:
        text = write(body)
    except Exception:  # noqa: BLE001  # a body with values of the wrong type is shown as it is; the line must not be lost
        text = _fields(body)
    return _safe(text)


def known_kinds() -> frozenset[str]:
    """Return the kinds that have a wording of their own."""
    return frozenset(_SENTENCES)


def _safe(text: str) -> str:
    return harmless(text if len(text) <= MAX_LENGTH else text[: MAX_LENGTH - 1] + "…")


def _own_words(body: object) -> str:
    own = getattr(body, "sentence", None)
    return str(own()) if callable(own) else _fields(body)


def _fields(body: object) -> str:
    encoded = encode_body(body) if isinstance(body, Body) else {"value": encode_body(body)}
    shown = (f"{name}={value if isinstance(value, str) else dump(value)}" for name, value in encoded.items())
    return f"{kind_of(body).replace('-', ' ')}: {', '.join(shown)}"


def _value(value: Any, field: str) -> str:
    if field == "ssid" and isinstance(value, bytes):
        return network(value)
    if isinstance(value, str):
        return printable(value) or "none"
    if isinstance(value, bytes):
        return mac(value) if len(value) == 6 else value.hex()
    return dump(value)


def _access_point_found(body: air.AccessPointFound) -> str:
    where = f" on channel {body.channel}" if body.channel else ""
    hidden = ", hidden" if body.hidden and body.ssid else ""
    pmf = "" if body.pmf == "none" else f", PMF {body.pmf}"
    wps = ", WPS" if body.wps else ""
    about = f"{printable(body.security)}{printable(pmf)}{wps}{hidden}{dbm(body.rssi)}"
    return f"Access point {mac(body.bssid)}{maker(body.vendor)} offers {network(body.ssid)}{where}: {about}"


def _access_point_changed(body: air.AccessPointChanged) -> str:
    changes = "; ".join(
        f"{printable(c.field)} was {_value(c.old, c.field)}, is {_value(c.new, c.field)}" for c in body.changes
    )
    return f"Access point {mac(body.bssid)}{called(body.ssid)} has changed: {changes}"


def _access_point_lost(body: air.AccessPointLost) -> str:
    return f"Access point {mac(body.bssid)}{called(body.ssid)} is gone ({_gone(body.reason, body.last_heard)})"


def _gone(reason: str, last_heard: float) -> str:
    what = "made room for newer ones" if reason == "evicted" else printable(reason)
    return f"{what}, last heard at {clock(last_heard)}"


def _name_revealed(body: air.NameRevealed) -> str:
    return f"The hidden network of {mac(body.bssid)} is {network(body.ssid)}: told by a {printable(body.by)}"


def _station_found(body: air.StationFound) -> str:
    random = ", random address" if body.randomised else ""
    return f"Station {mac(body.station)}{maker(body.vendor)} heard{random}{dbm(body.rssi)}"


def _station_joined(body: air.StationJoined) -> str:
    before = f", before with {mac(body.previous)}" if body.previous else ""
    return f"Station {mac(body.station)} works with {mac(body.bssid)}{called(body.ssid)}{before}"


def _station_lost(body: air.StationLost) -> str:
    return f"Station {mac(body.station)} is gone ({_gone(body.reason, body.last_heard)})"


def _network_probed(body: air.NetworkProbed) -> str:
    return f"Station {mac(body.station)} asks for {network(body.ssid)}"


def _eapol_seen(body: air.EapolSeen) -> str:
    more = f"{', with a PMKID' if body.pmkid else ''}{', sent again' if body.retry else ''}"
    return f"EAPOL {printable(body.message)} between {mac(body.bssid)} and station {mac(body.station)}{more}"


def _handshake_seen(body: air.HandshakeSeen) -> str:
    heard = ", ".join(f"M{number}" for number in body.messages)
    return f"Handshake of station {mac(body.station)} with {mac(body.bssid)}{called(body.ssid)}: {heard} heard"


def _disconnected(body: air.Disconnected) -> str:
    whom = "everyone" if body.receiver == b"\xff" * 6 else mac(body.receiver)
    given = "reason not readable" if body.reason is None else f"reason {body.reason} ({_reason(body.reason)})"
    kept = ", protected" if body.protected else ""
    how = printable(body.how).capitalize()
    return f"{how} of {whom} from {mac(body.sender)} in the network of {mac(body.bssid)}: {given}{kept}"


def _reason(code: int) -> str:
    from whimbrel.wifi.reasons import reason

    return reason(code)


def _air_report(body: air.AirReport) -> str:
    known = f"{count(body.access_points, 'access point')} and {count(body.stations, 'station')}"
    busiest = f", channel {body.busiest} the busiest" if body.busiest else ""
    odd = f", {body.malformed} malformed" if body.malformed else ""
    evicted = f", {body.evicted} evicted" if body.evicted else ""
    return f"In the air: {known}, {body.rate:.0f} frames/s{busiest}; {count(body.frames, 'frame')} so far{odd}{evicted}"


def _frame_batch(body: radio.FrameBatch) -> str:
    return f"{count(len(body.frames), 'frame')} captured"


def _radio_opened(body: radio.RadioOpened) -> str:
    plan = f", {count(len(body.channels), 'channel')} to visit" if body.channels else ""
    return f"Listening to {printable(body.description)} (driver {printable(body.driver)}{plan})"


def _radio_closed(body: radio.RadioClosed) -> str:
    lost = f", {body.dropped} lost in the kernel" if body.dropped else ""
    return f"Listening has ended: {printable(body.reason)}; {count(body.received, 'frame')} received{lost}"


def _capture_damaged(body: radio.CaptureDamaged) -> str:
    return f"Capture {printable(body.file)} is damaged after {count(body.frames, 'frame')}: {printable(body.problem)}"


def _radio_report(body: radio.RadioReport) -> str:
    bad = f"{body.dropped} dropped, {body.malformed} malformed, {body.bad_fcs} with a bad checksum"
    return f"{count(body.received, 'frame')} received, {body.rate:.0f}/s; {bad}"


def _frames_lost(body: radio.FramesLost) -> str:
    return (
        f"{count(body.lost, 'frame')} lost in the kernel, {body.received} received meanwhile: "
        "the board cannot keep up; a capture filter would help"
    )


def _tuned(body: radio.Tuned) -> str:
    stay = f" for {span(body.dwell)}" if body.dwell else ", locked"
    return f"Tuned to {place(body.channel)}{stay}"


def _tune_failed(body: radio.TuneFailed) -> str:
    gone = "; it is out of the plan now" if body.dropped else ""
    return f"Could not tune to {place(body.channel)}: {printable(body.reason)}{gone}"


def _hopping_changed(body: radio.HoppingChanged) -> str:
    where = f" on {place(body.channel)}" if body.channel else ""
    until = f" until {clock(body.until)}" if body.until else ""
    return f"The radio is {printable(body.mode)}{where}{until}{why(body.reason)}"


def _radio_blind(body: radio.RadioBlind) -> str:
    return f"The radio is blind: no frame for {span(body.silent)}"


def _recovery_step(body: radio.RecoveryStep) -> str:
    return f"Recovering the radio, attempt {body.attempt}, {printable(body.rung)}: {printable(body.outcome)}"


def _radio_recovered(body: radio.RadioRecovered) -> str:
    by = f"after {printable(body.rung)}" if body.rung else "by itself"
    return f"The radio sees again {by}, after {span(body.blind)} without a frame"


def _clock_stepped(body: radio.ClockStepped) -> str:
    return f"The system clock was set by {body.delta:+.1f} s"


def _lock_channel(body: radio.LockChannel) -> str:
    return f"Asked to stay on {place(body.channel)}{why(body.reason)}"


def _pause_listening(body: radio.PauseListening) -> str:
    return f"Asked to pause{why(body.reason)}"


def _resume_listening(body: radio.ResumeListening) -> str:
    return f"Asked to go on listening{why(body.reason)}"


def _listening_changed(body: radio.ListeningChanged) -> str:
    if body.paused:
        return "Listening is paused: frames are not looked at"
    return f"Listening goes on; {count(body.skipped, 'frame')} came in meanwhile and were not looked at"


def _unlock_channel(body: radio.UnlockChannel) -> str:
    return f"Asked to visit every channel again{why(body.reason)}"


def _camp_on(body: radio.CampOn) -> str:
    return f"Asked to stay on {place(body.channel)} for {span(body.seconds)}{why(body.reason)}"


def _daemon_started(body: system.DaemonStarted) -> str:
    settings = f"settings of {printable(body.config)}" if body.config else "default settings"
    return f"Whimbrel {body.version} has started with {settings}: {printable(', '.join(body.modules))}"


def _daemon_ready(body: system.DaemonReady) -> str:
    return f"Ready after {span(body.seconds)}"


def _daemon_stopping(body: system.DaemonStopping) -> str:
    return f"Stopping{why(body.reason)}"


def _module_changed(body: system.ModuleChanged) -> str:
    # What it waits for, what degrades it and what it failed by are events of their own, beside this one.
    reason = "" if body.state in {"waiting", "degraded", "backing-off"} else why(body.reason)
    return f"Module {printable(body.module)} is {printable(body.state)}{reason}"


def _module_warning(body: system.ModuleWarning) -> str:
    return f"Module {printable(body.module)} warns: {printable(body.text)}"


def _module_failed(body: system.ModuleFailed) -> str:
    again = "for good" if body.retry_in is None else f"starts again in {span(body.retry_in)}"
    return f"Module {printable(body.module)} failed, {again}: {printable(body.error)}"


def _settings_reloaded(body: system.SettingsReloaded) -> str:
    changed = f"changed: {printable(', '.join(body.changed))}" if body.changed else "no module has changed"
    later = f"; from the next start on: {printable(', '.join(body.next_start))}" if body.next_start else ""
    return f"New settings are in force, {changed}{later}"


def _settings_refused(body: system.SettingsRefused) -> str:
    problems = "; ".join(printable(problem) for problem in body.problems)
    return f"The new settings are refused, the old ones stay: {problems}"


def _events_lost(body: system.EventsLost) -> str:
    return f"{printable(body.reader).capitalize()} was too slow and missed {count(body.lost, 'event')}"


def _loop_stalled(body: system.LoopStalled) -> str:
    often = f", {body.times} times" if body.times > 1 else ""
    return f"Module {printable(body.module)} held everything up for {span(body.seconds)}{often}"


def _key_edge(body: hands.KeyEdge) -> str:
    return f"Key {printable(body.key)} went {'down' if body.down else 'up'}"


def _press(body: hands.Press) -> str:
    held = f" after {span(body.held)}" if body.held else ""
    return f"Key {printable(body.key)}: {printable(body.gesture)}{held}"


def _key_trouble(body: hands.KeyTrouble) -> str:
    return f"Key {printable(body.key)} is {printable(body.problem)}, for {span(body.seconds)} now"


def _air_snapshot(body: hands.AirSnapshot) -> str:
    known = f"{count(len(body.access_points), 'access point')}, {count(len(body.stations), 'station')}"
    return f"For the screen: {known}, {count(len(body.channels), 'channel')}"


def _system_report(body: hands.SystemReport) -> str:
    shares = (("processor", body.cpu), ("disk", body.disk_used), ("battery", body.battery))
    parts = [f"{name} {share:.0%}" for name, share in shares if share is not None]
    if body.temperature is not None:
        parts.insert(1 if body.cpu is not None else 0, f"{body.temperature:.0f} °C")
    parts.append(f"memory {body.memory_used >> 20} of {body.memory_total >> 20} MiB, {body.resident >> 20} of it ours")
    if body.throttled:
        parts.append(printable(body.throttled))
    parts += [f"{number} lost ({printable(where)})" for where, number in body.losses if number]
    return f"The board: {', '.join(parts)}; up for {span(body.uptime)}"


def _power_wanted(body: hands.PowerWanted) -> str:
    return f"Asked for a {printable(body.what)} of the board"


def _panel_changed(body: hands.PanelChanged) -> str:
    return f"{printable(body.panel)}: {harmless(body.problem) or 'works'}"


def _screen_report(body: hands.ScreenReport) -> str:
    cost = f"{span(body.draw)} to draw and {span(body.send)} to send each"
    return f"{count(body.frames, 'image')} shown, {cost}; {body.skipped} more were equal to the one before"


_SENTENCES: dict[str, Callable[[Any], str]] = {
    "access-point-found": _access_point_found,
    "access-point-changed": _access_point_changed,
    "access-point-lost": _access_point_lost,
    "name-revealed": _name_revealed,
    "station-found": _station_found,
    "station-joined": _station_joined,
    "station-lost": _station_lost,
    "network-probed": _network_probed,
    "eapol-seen": _eapol_seen,
    "handshake-seen": _handshake_seen,
    "disconnected": _disconnected,
    "air-report": _air_report,
    "frame-batch": _frame_batch,
    "radio-opened": _radio_opened,
    "radio-closed": _radio_closed,
    "capture-damaged": _capture_damaged,
    "radio-report": _radio_report,
    "frames-lost": _frames_lost,
    "tuned": _tuned,
    "tune-failed": _tune_failed,
    "hopping-changed": _hopping_changed,
    "radio-blind": _radio_blind,
    "recovery-step": _recovery_step,
    "radio-recovered": _radio_recovered,
    "clock-stepped": _clock_stepped,
    "lock-channel": _lock_channel,
    "unlock-channel": _unlock_channel,
    "pause-listening": _pause_listening,
    "resume-listening": _resume_listening,
    "listening-changed": _listening_changed,
    "camp-on": _camp_on,
    "daemon-started": _daemon_started,
    "daemon-ready": _daemon_ready,
    "daemon-stopping": _daemon_stopping,
    "module-changed": _module_changed,
    "module-warning": _module_warning,
    "module-failed": _module_failed,
    "settings-reloaded": _settings_reloaded,
    "settings-refused": _settings_refused,
    "events-lost": _events_lost,
    "loop-stalled": _loop_stalled,
    "key-edge": _key_edge,
    "press": _press,
    "key-trouble": _key_trouble,
    "air-snapshot": _air_snapshot,
    "system-report": _system_report,
    "power-wanted": _power_wanted,
    "panel-changed": _panel_changed,
    "screen-report": _screen_report,
}
