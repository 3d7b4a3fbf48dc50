"""Sentences about the daemon, its modules, keys and screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from whimbrel.text import harmless, mac, printable
from whimbrel.wording.phrases import why
from whimbrel.wording.quantities import count, minute, octets, span

if TYPE_CHECKING:
    from whimbrel.events import device, keys, system


def _daemon_started(body: system.DaemonStarted) -> str:
    settings = f"settings of {printable(body.config)}" if body.config else "default settings"
    return f"Whimbrel {body.version} has started with {settings}: {printable(', '.join(body.modules))}"


def _daemon_ready(body: system.DaemonReady) -> str:
    return f"Ready after {span(body.seconds)}"


def _daemon_stopping(body: system.DaemonStopping) -> str:
    return f"Stopping{why(body.reason)}"


def _module_changed(body: system.ModuleChanged) -> str:
    # The reasons for waiting, warnings and failures are separate events beside this one.
    reason = "" if body.state in {"waiting", "degraded", "backing-off"} else why(body.reason)
    return f"Module {printable(body.module)} is {printable(body.state)}{reason}"


def _module_warning(body: system.ModuleWarning) -> str:
    return f"Module {printable(body.module)} warns: {printable(body.text)}"


def _module_failed(body: system.ModuleFailed) -> str:
    again = "for good" if body.retry_in is None else f"starts again in {span(body.retry_in)}"
    return f"Module {printable(body.module)} failed, {again}: {printable(body.error)}"


def _settings_reloaded(body: system.SettingsReloaded) -> str:
    changed = f"changed: {printable(', '.join(body.changed))}" if body.changed else "no module has changed"
    later = f"; at the next start: {printable(', '.join(body.next_start))}" if body.next_start else ""
    return f"New settings are in force, {changed}{later}"


def _settings_refused(body: system.SettingsRefused) -> str:
    problems = "; ".join(printable(problem) for problem in body.problems)
    return f"The settings are refused, the last good ones stay: {problems}"


def _internal_error(body: system.InternalError) -> str:
    times = f" ({body.times} times)" if body.times > 1 else ""
    trace = f"; {printable(body.trace)}" if body.trace else ""
    return f"{printable(body.where)}: {printable(body.error)}{times}{trace}"


def _lines_left_out(body: system.LinesLeftOut) -> str:
    return f"{body.lines} less important lines are left out, so that alerts stay in the journal (logger.hourly)"


def _modules_state(body: system.ModulesState) -> str:
    unwell = [printable(status.module) for status in body.modules if not status.is_well]
    return f"{count(len(body.modules), 'module')}, not well: {', '.join(unwell) or 'none'}"


def _reload_settings(body: system.ReloadSettings) -> str:
    return f"A reload of the settings is requested{why(body.reason)}"


def _restart_module(body: system.RestartModule) -> str:
    return f"Asked to restart module {printable(body.module)}{why(body.reason)}"


def _command_refused(body: system.CommandRefused) -> str:
    return f"Not done ({printable(body.command)}): {printable(body.text)}"


def _events_lost(body: system.EventsLost) -> str:
    return f"{printable(body.reader).capitalize()} was too slow and missed {count(body.lost, 'event')}"


def _loop_stalled(body: system.LoopStalled) -> str:
    often = f", {body.times} times" if body.times > 1 else ""
    others = f"; so did {', '.join(map(printable, body.others))}" if body.others else ""
    return f"Module {printable(body.module)} held everything up for {span(body.seconds)}{often}{others}"


def _key_edge(body: keys.KeyEdge) -> str:
    return f"Key {printable(body.key)} went {'down' if body.down else 'up'}"


def _press(body: keys.Press) -> str:
    held = f" after {span(body.held)}" if body.held else ""
    return f"Key {printable(body.key)}: {printable(body.gesture)}{held}"


def _keys_explained(body: keys.KeysExplained) -> str:
    return printable(body.text)


def _key_trouble(body: keys.KeyTrouble) -> str:
    return f"Key {printable(body.key)} is {printable(body.problem)}, for {span(body.seconds)} now"


def _air_snapshot(body: device.AirSnapshot) -> str:
    known = f"{count(len(body.access_points), 'access point')}, {count(len(body.stations), 'station')}"
    return f"For the screen: {known}, {count(len(body.channels), 'channel')}"


def _system_report(body: device.SystemReport) -> str:
    shares = (("processor", body.cpu), ("disk", body.disk_used), ("battery", body.battery))
    parts = [f"{name} {share:.0%}" for name, share in shares if share is not None]
    if body.charging:
        parts.append("charging")
    if body.temperature is not None:
        parts.insert(1 if body.cpu is not None else 0, f"{body.temperature:.0f} °C")
    parts.append(f"memory {body.memory_used >> 20} of {body.memory_total >> 20} MiB, {body.resident >> 20} of it ours")
    if body.throttled:
        parts.append(printable(body.throttled))
    parts += [f"{number} lost ({printable(where)})" for where, number in body.losses if number]
    return f"The board: {', '.join(parts)}; up for {span(body.uptime)}"


def _power_wanted(body: device.PowerWanted) -> str:
    return f"A {printable(body.what)} of the board is requested"


def _power_offered(body: device.PowerOffered) -> str:
    return f"The board can be told to: {printable(', '.join(body.commands)) or 'nothing'}"


def _copy_wanted(body: device.CopyWanted) -> str:
    return f"A copy to the card is requested{why(body.reason)}"


def _card_copied(body: device.CardCopied) -> str:
    parts = [f"{count(body.files, 'file')} of {octets(body.octets)} copied to {printable(body.folder)}"]
    if body.removed:
        parts.append(f"{count(body.removed, 'older copy', 'older copies')} gave way")
    if body.left_out:
        parts.append(f"{count(body.left_out, 'file')} left out for want of room")
    return "; ".join([*parts, printable(body.problem)] if body.problem else parts)


def _time_wanted(body: device.TimeWanted) -> str:
    return f"The clock is to be set to {minute(body.time)}{why(body.reason)}"


def _time_set(body: device.TimeSet) -> str:
    return f"The clock is not set: {printable(body.problem)}" if body.problem else "The clock is set"


def _time_judged(body: device.TimeJudged) -> str:
    return f"The time is {told_by(body.by if body.known else '')}"


_TELLERS = {
    "network": "known by the network",
    "person": "known by a person",
    "rtc": "known by the clock with a battery",
    "source": "that of the frames",
}


def told_by(by: str) -> str:
    """Return how well the time is known, by `whimbrel.events.device.TimeJudged.by`."""
    return _TELLERS.get(by, f"known by {printable(by)}" if by else "an estimate")


def _security_updates_wanted(body: device.SecurityUpdatesWanted) -> str:
    return f"Debian's security updates are requested{why(body.reason)}"


def _security_updated(body: device.SecurityUpdated) -> str:
    if body.problem:
        return f"No security updates of Debian: {printable(body.problem)}"
    if not body.packages:
        return "There are no new security updates of Debian"
    return f"Security updates of Debian: {count(body.packages, 'package')} renewed; the next start uses all of them"


def _report_signal(body: device.ReportSignal) -> str:
    return f"The signal of {mac(body.address)} is requested"


def _signal_reported(body: device.SignalReported) -> str:
    return f"Signal of {mac(body.address)}: {count(len(body.samples), 'sample')}"


def _screen_offered(body: device.ScreenOffered) -> str:
    return f"The menu has {printable(body.name)}"


def _panel_changed(body: device.PanelChanged) -> str:
    return f"{printable(body.panel)}: {harmless(body.problem) or 'works'}"


def _screen_report(body: device.ScreenReport) -> str:
    cost = f"{span(body.draw)} to draw and {span(body.send)} to send each"
    return f"{count(body.frames, 'image')} shown, {cost}; {body.skipped} more were equal to the one before"


SENTENCES: dict[str, Callable[[Any], str]] = {
    "daemon-started": _daemon_started,
    "daemon-ready": _daemon_ready,
    "daemon-stopping": _daemon_stopping,
    "module-changed": _module_changed,
    "module-warning": _module_warning,
    "module-failed": _module_failed,
    "settings-reloaded": _settings_reloaded,
    "settings-refused": _settings_refused,
    "internal-error": _internal_error,
    "lines-left-out": _lines_left_out,
    "modules-state": _modules_state,
    "reload-settings": _reload_settings,
    "restart-module": _restart_module,
    "command-refused": _command_refused,
    "events-lost": _events_lost,
    "loop-stalled": _loop_stalled,
    "key-edge": _key_edge,
    "press": _press,
    "keys-explained": _keys_explained,
    "key-trouble": _key_trouble,
    "air-snapshot": _air_snapshot,
    "last-snapshot": _air_snapshot,
    "system-report": _system_report,
    "power-wanted": _power_wanted,
    "power-offered": _power_offered,
    "copy-wanted": _copy_wanted,
    "card-copied": _card_copied,
    "security-updates-wanted": _security_updates_wanted,
    "security-updated": _security_updated,
    "time-judged": _time_judged,
    "time-set": _time_set,
    "time-wanted": _time_wanted,
    "report-signal": _report_signal,
    "signal-reported": _signal_reported,
    "screen-offered": _screen_offered,
    "panel-changed": _panel_changed,
    "screen-report": _screen_report,
}
