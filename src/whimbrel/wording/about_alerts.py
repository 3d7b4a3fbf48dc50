"""Sentences about alerts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from whimbrel.text import harmless, mac, printable, ssid
from whimbrel.wording.phrases import heard_at, network
from whimbrel.wording.quantities import count, span

if TYPE_CHECKING:
    from whimbrel.events import alerts


def _alert(body: alerts.Alert) -> str:
    again = f", raised {count(body.again, 'time')} before" if body.again else ""
    return f"{_heading(body)}: {_evidence(body)}{again} [{body.rule}]"


def _alert_updated(body: alerts.AlertUpdated) -> str:
    return f"{_heading(body)} goes on for {span(body.last - body.first)}: {_evidence(body)} [{body.rule}]"


def _alert_closed(body: alerts.AlertClosed) -> str:
    if body.reason == "made up":
        return f"{_heading(body)} is withdrawn, the network is made up: {harmless(body.text)} [{body.rule}]"
    why = {
        "quiet": "nothing more was heard",
        "over": "it is over",
        "evicted": "too many others",
        "end": "at the end",
        "missed": "unheard",
    }
    ended = why.get(body.reason, printable(body.reason))
    lasted = f" after {span(body.last - body.first)}" if body.last > body.first else ""
    return f"{_heading(body)} has ended{lasted}, {ended}: {_evidence(body)} [{body.rule}]"


def _acknowledged(body: alerts.AlertAcknowledged) -> str:
    if body.together > 1:
        return (
            f"{body.together} alerts were seen, the first of them alert {printable(body.id)}: {printable(body.title)}"
        )
    return f"Alert {printable(body.id)} was seen: {printable(body.title)} [{printable(body.rule)}]"


def _report_alerts(_body: alerts.ReportAlerts) -> str:
    return "The list of alerts is requested"


def _acknowledge_alert(body: alerts.AcknowledgeAlert) -> str:
    return f"The acknowledgement of alert {printable(body.id)} is requested"


def _learn_network(body: alerts.LearnNetwork) -> str:
    return f"Guarding the network of {mac(body.bssid)} is requested"


def _network_learned(body: alerts.NetworkLearned) -> str:
    if not body.written:
        return f"{network(body.network.ssid)} is not guarded, {count(len(body.doubts), 'doubt')}"
    return f"{network(body.network.ssid)} is guarded, with {count(len(body.network.bssids), 'access point')}"


def _guarded(body: alerts.NetworksGuarded) -> str:
    if not body.ssids:
        return "No network is guarded"
    names = ", ".join(f'"{ssid(name)}"' for name in body.ssids)
    return f"Guarded: {names}, with {count(len(body.bssids), 'known access point')}"


def _heading(body: alerts.Alert | alerts.AlertUpdated | alerts.AlertClosed) -> str:
    of = f" of incident {printable(body.incident)}" if body.incident not in {"", body.id} else ""
    return f"Alert {printable(body.id)}{of}, {body.severity}: {printable(body.title)}"


def _evidence(body: alerts.Alert | alerts.AlertUpdated | alerts.AlertClosed) -> str:
    """Return the detection's text, the channel and level, and the confidence."""
    where = heard_at(body.channel, body.freq, body.rssi_range, body.heard_on)
    heard = f" ({where})" if where else ""
    return f"{harmless(body.text).rstrip('. ')}{heard}; {printable(body.confidence)} confidence"


SENTENCES: dict[str, Callable[[Any], str]] = {
    "alert": _alert,
    "alert-updated": _alert_updated,
    "alert-closed": _alert_closed,
    "alert-acknowledged": _acknowledged,
    "report-alerts": _report_alerts,
    "acknowledge-alert": _acknowledge_alert,
    "learn-network": _learn_network,
    "network-learned": _network_learned,
    "networks-guarded": _guarded,
}
