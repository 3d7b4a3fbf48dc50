"""An event about an alert or incident as a message of RFC 5424, and as a line of the Elastic Common Schema (8.11)."""

from __future__ import annotations

import json
import time
from typing import Any

from whimbrel.events.base import Event
from whimbrel.events.encode import encode_body
from whimbrel.events.incidents import IncidentChanged, IncidentClosed, IncidentOpened
from whimbrel.events.interest import level_of_body
from whimbrel.siem.attack import techniques
from whimbrel.text import mac, ssid
from whimbrel.wording.sentences import sentence

SD_ID = "whimbrel@32473"
"""32473 is the enterprise number for examples (RFC 5612): the project has none of its own."""
_BOM = "\ufeff"
_SEVERITIES = {"weakness": 1, "notice": 2, "warning": 3, "critical": 4}
_ECS = "8.11.0"


def rfc5424(event: Event, *, host: str, facility: int, key: str) -> bytes:
    """Return a message of syslog: header, structured data, the sentence. Without a frame."""
    body = event.body
    pri = facility * 8 + int(level_of_body(body))
    pairs = {"key": key, "id": body.id, "kind": body.kind, **_facts(body)}
    data = "".join(f' {name}="{_escape(value)}"' for name, value in pairs.items() if value != "")
    text = sentence(body)
    # The mark says that the text is UTF-8 (RFC 5424, section 6.4).
    message = text if text.isascii() else _BOM + text
    return f"<{pri}>1 {_moment(event.time)} {_host(host)} whimbrel - {body.kind} [{SD_ID}{data}] {message}".encode()


def ecs(event: Event, *, host: str, version: str, key: str) -> bytes:
    """Return an object of JSON, in ASCII, without a line break."""
    body = event.body
    rules = _rules(body)
    found = techniques(rules)
    value: dict[str, Any] = {
        "@timestamp": _moment(event.time),
        "ecs": {"version": _ECS},
        "message": sentence(body),
        "event": {
            "id": key,
            "kind": "alert",
            "category": ["intrusion_detection", "network"],
            "type": ["end" if body.kind.endswith("closed") else "info"],
            "action": body.kind,
            "module": "whimbrel",
            "dataset": f"whimbrel.{'incident' if _is_incident(body) else 'alert'}",
            "severity": _SEVERITIES[body.severity.value],
            "start": _moment(body.first),
            "reason": body.text,
        },
        "rule": {"name": rules[0] if rules else "", "description": body.meaning},
        "observer": {"hostname": host, "vendor": "Whimbrel", "product": "whimbrel", "type": "wids", "version": version},
        "whimbrel": encode_body(body),
    }
    if body.bssid is not None:
        value["source"] = {"mac": mac(body.bssid).upper().replace(":", "-")}
    if body.ssid:
        value["network"] = {"name": ssid(body.ssid)}
    if found:
        value["threat"] = {
            "framework": "MITRE ATT&CK",
            "technique": {
                "id": [each.id for each in found],
                "name": [each.name for each in found],
                "reference": [each.url for each in found],
            },
        }
    return json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode()


def framed(message: bytes, *, form: str, transport: str) -> bytes:
    """Return what is written: a datagram, a line of JSON, or octets counted (RFC 6587 3.4.1, RFC 5425 4.3)."""
    if transport == "udp":
        return message
    return message + b"\n" if form == "ecs" else b"%d %s" % (len(message), message)


def _facts(body: Any) -> dict[str, str]:
    rules = _rules(body)
    return {
        "rule": " ".join(rules),
        "severity": body.severity.value,
        "confidence": body.confidence,
        "attack": " ".join(each.id for each in techniques(rules)),
        "incident": body.id if _is_incident(body) else body.incident,
        "bssid": "" if body.bssid is None else mac(body.bssid),
        "ssid": ssid(body.ssid),
        "channel": str(body.channel or ""),
        "freq": str(body.freq or ""),
        "rssi": "" if body.rssi is None else str(body.rssi),
        "count": str(getattr(body, "count", "")),
    }


def _rules(body: Any) -> tuple[str, ...]:
    return body.rules if _is_incident(body) else (body.rule,)


def _is_incident(body: Any) -> bool:
    return isinstance(body, (IncidentOpened, IncidentChanged, IncidentClosed))


def _escape(value: str) -> str:
    """Return a value of structured data (RFC 5424, section 6.3.3)."""
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("]", "\\]")


def _host(name: str) -> str:
    """Return a host name as the header has it: printable ASCII without spaces, or the nil value."""
    return "".join(c for c in name if "!" <= c <= "~")[:255] or "-"


def _moment(seconds: float) -> str:
    whole = int(seconds // 1)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole)) + f".{int((seconds - whole) * 1000):03d}Z"
