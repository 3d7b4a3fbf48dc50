"""Every screen that there is to see, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from tools.screenshots import earlier, heard, scene
from tools.screenshots.sizes import COLOURED
from tools.screenshots.transmissions import octets

from whimbrel.events.alerts import GuardedAs, NetworkLearned
from whimbrel.events.device import ReachReport
from whimbrel.events.recording import RecorderState
from whimbrel.events.system import ModuleStatus
from whimbrel.screen_offers import ScreenOffers
from whimbrel.screens.access_points import access_points_page
from whimbrel.screens.alert_pages import AlertDetail, PartDetail, alerts_page, parts_page
from whimbrel.screens.channel_picker import picker_page
from whimbrel.screens.channels import channels_page
from whimbrel.screens.guarding import guard_page
from whimbrel.screens.hold import HOLD, reboot_screen, shutdown_screen
from whimbrel.screens.home import home_screen
from whimbrel.screens.menu import Brightness, menu_page, restart_page
from whimbrel.screens.network import CodeScreen, network_page
from whimbrel.screens.notices import MessageScreen, Splash, unheard_screen
from whimbrel.screens.receivers import receiver_page, receivers_page
from whimbrel.screens.recorder import recorder_page
from whimbrel.screens.scale import drawn
from whimbrel.screens.screen import Screen
from whimbrel.screens.since_last_time import since_page
from whimbrel.screens.state import SCANNING, ScreenState
from whimbrel.screens.styles import ColourSize, PaperSize
from whimbrel.screens.survey_pages import access_point_page, station_page, stations_page
from whimbrel.screens.system import system_page, trouble_page
from whimbrel.screens.time_setting import TimeScreen
from whimbrel.system.reach import code
from whimbrel.wifi.security import Pmf

if TYPE_CHECKING:
    from PIL.Image import Image

    from whimbrel.screens.alert_rows import AlertLine

SIZE = (128, 64)


class Shot(NamedTuple):
    """One picture: a screen, its state, and the pressed keys."""

    screen: Callable[[], Screen]
    state: Callable[[], ScreenState] = scene.usual
    keys: str = ""
    """Short presses, by their names."""
    size: tuple[int, int] = SIZE
    later: float = 0.0
    """Seconds between the last key and the picture."""


_AP = octets("02:00:5e:10:00:01")


def _home() -> Screen:
    return home_screen(ScreenOffers())


def _blind() -> ScreenState:
    state = scene.usual()
    state.blind = True
    state.rate = 0.0
    return state


def _without_radio() -> ScreenState:
    state = scene.empty()
    why = "no Wi-Fi radio: plug in an adapter that knows monitor mode"
    state.modules = (ModuleStatus("sniffer", "waiting", why, scene.NOW, True, 3, 0, ()),)
    return state


def _estimated() -> ScreenState:
    state = scene.usual()
    state.estimate = True
    return state


def _scanning() -> ScreenState:
    state = scene.usual()
    state.mode, state.freq = SCANNING, 0
    return state


def _two_receivers() -> ScreenState:
    state = scene.usual()
    state.receivers = scene.RECEIVERS
    return state


def _locked() -> ScreenState:
    state = scene.usual()
    state.mode = "locked"
    return state


def _far() -> ScreenState:
    state = scene.usual()
    state.signals.clear()
    state.now += 90
    return state


def _takeover() -> Screen:
    return heard.takeover(scene.NOW)


def _recording() -> ScreenState:
    return _with_recorder(scene.recorder())


def _stuck() -> ScreenState:
    problem = "the card is full: delete something, or lower modules.recorder.folder_size or .least_free"
    return _with_recorder(scene.recorder(recording=(), octets=0, frames=0, free=131_000, lost=2417, problem=problem))


def _with_recorder(recorder: RecorderState) -> ScreenState:
    state = scene.usual()
    state.newest[RecorderState] = recorder
    return state


def _detail() -> Screen:
    alerts = heard.attacked(scene.NOW).alerts
    return AlertDetail(next(alert.id for alert in alerts if alert.rule == "deauth-flood"))


def _incident() -> AlertLine:
    return next(alert for alert in heard.attacked(scene.NOW).alerts if len(alert.parts) > 1)


def _parts() -> Screen:
    return parts_page(_incident().id)


def _part() -> Screen:
    incident = _incident()
    return PartDetail(incident.id, incident.parts[-1].id)


def _doubtful() -> Screen:
    guard = guard_page(_AP)
    network = GuardedAs(b"Harbour House", (), (), Pmf.NONE)
    doubts = ("alert 7 (Disconnection flood) goes on",)
    return guard.answered(NetworkLearned(network=network, written=False, doubts=doubts, answers=1))


def _code() -> Screen:
    url = "http://10.66.0.1:8080/"
    return CodeScreen(code(f"{url}#token=K7ZT5HQ2WXB4NDRM9PCV3FGJ6A"), url, "scan to log in")


def _reaching() -> ScreenState:
    state = scene.usual()
    state.newest[ReachReport] = ReachReport(
        there=True, page="http://10.66.0.1:8080/", broker="connected", sent="Disconnection attack on Harbour House",
        sent_by="ntfy at ntfy.sh", sent_at=state.now - 125.0, waiting=3,
    )  # fmt: skip
    return state


def _menu() -> Screen:
    return menu_page(ScreenOffers())


_PAPER: dict[str, Shot] = {
    "overview": Shot(_home),
    "overview-turned": Shot(_home, keys="down"),
    "overview-alerts": Shot(_home, scene.alarmed, "down"),
    "overview-alert-list": Shot(_home, scene.alarmed, "down down"),
    "overview-no-radio": Shot(_home, _without_radio),
    "access-point": Shot(lambda: access_point_page(_AP)),
    "access-points": Shot(access_points_page),
    "alert": Shot(_detail, scene.alarmed),
    "alert-takeover": Shot(_takeover, scene.alarmed),
    "menu": Shot(_menu),
    "off": Shot(lambda: Splash("0.1.0", "is off")),
    "time": Shot(TimeScreen, _estimated, "right"),
    "splash-starting": Shot(lambda: Splash("0.1.0"), lambda: _starting("history", "position")),
}
"""The screens that are also shown on e-paper."""
SHOTS: dict[str, Shot] = {
    "overview": Shot(_home),
    "overview-alerts": Shot(_home, scene.alarmed, "down"),
    "overview-estimate": Shot(_home, _estimated),
    "overview-empty": Shot(_home, scene.empty),
    "overview-blind": Shot(_home, _blind),
    "overview-no-radio": Shot(_home, _without_radio, "down"),
    "overview-scanning": Shot(_home, _scanning, "right"),
    "overview-crowded": Shot(_home, scene.crowded, "down right"),
    "overview-128x32": Shot(_home, size=(128, 32)),
    "overview-128x128": Shot(_home, scene.alarmed, size=(128, 128)),
    "access-points": Shot(access_points_page),
    "access-points-moving": Shot(access_points_page, keys="down down", later=4.0),
    "access-points-age": Shot(access_points_page, keys="right down down down"),
    "access-points-channel": Shot(access_points_page, keys="right right right"),
    "access-points-hidden": Shot(access_points_page, keys="left left"),
    "access-points-empty": Shot(access_points_page, scene.empty),
    "access-points-crowded": Shot(access_points_page, scene.crowded, "down " * 200),
    "access-points-hostile": Shot(access_points_page, scene.hostile),
    "access-points-scripts": Shot(access_points_page, scene.hostile, "down " * 6),
    "access-points-scripts-2": Shot(access_points_page, scene.hostile, "down " * 11),
    "access-point": Shot(lambda: access_point_page(_AP)),
    "access-point-silent": Shot(lambda: access_point_page(_AP), _far),
    "access-point-gone": Shot(lambda: access_point_page(octets("02:00:5e:99:00:01"))),
    "access-point-facts": Shot(lambda: access_point_page(_AP), keys="right"),
    "access-point-security": Shot(lambda: access_point_page(_AP), keys="right" + " down" * 11),
    "access-point-activity": Shot(lambda: access_point_page(_AP), keys="right" + " down" * 21),
    "access-point-stations": Shot(lambda: access_point_page(_AP), keys="right right"),
    "access-point-128x32": Shot(lambda: access_point_page(_AP), size=(128, 32)),
    "stations": Shot(stations_page),
    "stations-data": Shot(stations_page, keys="left right right right"),
    "station": Shot(lambda: station_page(octets("02:00:5e:20:00:02"))),
    "station-facts": Shot(lambda: station_page(octets("02:00:5e:20:00:02")), keys="right down down down"),
    "station-network": Shot(lambda: station_page(octets("f0:18:98:20:00:03")), keys="right down down"),
    "network": Shot(lambda: network_page(_code), _reaching),
    "network-end": Shot(lambda: network_page(_code), _reaching, "down " * 6),
    "web-page": Shot(_code),
    "web-page-128x32": Shot(_code, size=(128, 32)),
    "since-last-time": Shot(since_page, earlier.visited),
    "since-last-time-now": Shot(since_page, earlier.visited, "down " * 8),
    "since-last-time-new": Shot(since_page, earlier.visited, "right"),
    "since-last-time-gone": Shot(since_page, earlier.visited, "left"),
    "since-last-time-first": Shot(since_page, earlier.begun),
    "channels": Shot(channels_page),
    "channels-5": Shot(channels_page, scene.alarmed, "right"),
    "channels-6": Shot(channels_page, keys="right right down"),
    "channels-aps": Shot(channels_page, keys="up"),
    "channels-empty": Shot(channels_page, scene.empty),
    "channel-picker": Shot(picker_page, keys="down " * 5),
    "alerts": Shot(alerts_page, scene.alarmed),
    "alerts-none": Shot(alerts_page),
    "alert": Shot(_detail, scene.alarmed),
    "alert-end": Shot(_detail, scene.alarmed, "down " * 60),
    "alert-parts": Shot(_parts, scene.alarmed),
    "alert-part": Shot(_part, scene.alarmed),
    "alert-takeover": Shot(_takeover, scene.alarmed),
    "alert-takeover-dark": Shot(_takeover, scene.alarmed, later=0.6),
    "alert-takeover-128x32": Shot(_takeover, scene.alarmed, later=0.6, size=(128, 32)),
    "guard": Shot(lambda: guard_page(_AP)),
    "guard-doubts": Shot(_doubtful),
    "system": Shot(system_page),
    "system-throttled": Shot(system_page, lambda: _with_system(throttled="under-voltage", battery=0.4)),
    "system-modules": Shot(system_page, keys="right"),
    "system-trouble": Shot(lambda: trouble_page(scene.alarmed().trouble), scene.alarmed),
    "system-losses": Shot(system_page, keys="right right"),
    "system-addresses": Shot(system_page, keys="right right right"),
    "system-unknown": Shot(system_page, scene.empty),
    "system-time": Shot(system_page, _estimated, "left"),
    "time": Shot(TimeScreen, _estimated, "right"),
    "time-minute": Shot(TimeScreen, keys="left up up"),
    "time-done": Shot(TimeScreen, _estimated, "left ok"),
    "time-128x32": Shot(TimeScreen, _estimated, "left left", size=(128, 32)),
    "menu": Shot(_menu),
    "menu-middle": Shot(_menu, _locked, "down " * 6),
    "menu-end": Shot(_menu, scene.alarmed, "up"),
    "brightness": Shot(Brightness),
    "restart": Shot(restart_page),
    "recorder": Shot(recorder_page, _recording),
    "recorder-stuck": Shot(recorder_page, _stuck, "down"),
    "recorder-unknown": Shot(recorder_page),
    "hold": Shot(shutdown_screen),
    "hold-filling": Shot(reboot_screen, keys="ok:press", later=HOLD * 0.6),
    "hold-128x32": Shot(shutdown_screen, keys="ok:press", later=HOLD * 0.6, size=(128, 32)),
    "hold-done": Shot(shutdown_screen, keys="ok:press wait ok:repeat"),
    "message": Shot(
        lambda: MessageScreen("display", "No answer at address 0x3c of I2C bus 1: is it wired?", "trouble")
    ),
    "receivers": Shot(receivers_page, _two_receivers),
    "receivers-one": Shot(lambda: receiver_page("sniffer2"), _two_receivers),
    "home-receivers": Shot(_home, _two_receivers),
    "unheard": Shot(unheard_screen, _scanning),
    "splash": Shot(lambda: Splash("0.1.0")),
    "splash-starting": Shot(lambda: Splash("0.1.0"), lambda: _starting("history", "position")),
    "splash-128x32": Shot(lambda: Splash("0.1.0", "waiting for the radio"), size=(128, 32)),
}


for _size, _names in COLOURED.items():
    SHOTS.update(
        (f"{name}-{_size[0]}x{_size[1]}-colour", SHOTS[name]._replace(size=ColourSize(_size))) for name in _names
    )
for _name, _shot in _PAPER.items():
    SHOTS[f"{_name}-paper"] = _shot._replace(size=PaperSize((250, 122)))


def _starting(*modules: str) -> ScreenState:
    state = scene.empty()
    state.modules = tuple(ModuleStatus(name, "starting", "", state.now, False, 1, 0, ()) for name in modules)
    return state


def _with_system(**values: object) -> ScreenState:
    state = scene.usual()
    state.system = scene.system(**values)
    return state


def render(shot: Shot) -> Image:
    """Return the picture, one pixel for one of the panel's."""
    screen, state = shot.screen(), shot.state()
    drawn(screen, state, shot.size)
    for step in shot.keys.split():
        if step == "wait":
            state.now += HOLD
            continue
        key, _, gesture = step.partition(":")
        screen.key(key, gesture or "short", state)
        drawn(screen, state, shot.size)
    state.now += shot.later
    return drawn(screen, state, shot.size)
