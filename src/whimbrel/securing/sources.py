"""The archives of security updates among those that a system's apt knows (sources.list(5))."""

from __future__ import annotations

import re

_SUITE = "-security"
"""How the names of these archives end."""
_LINE = re.compile(r"deb(?:\s+\[[^\]]*\])?\s+\S+\s+(?P<suite>\S+)\s+\S.*")


def of_lines(text: str) -> str:
    """Return those lines of a file in the one-line format that are of such archives."""
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return "".join(f"{line}\n" for line in lines if (found := _LINE.fullmatch(line)) and _is_one(found["suite"]))


def of_stanzas(text: str) -> str:
    """Return those stanzas of a file in the deb822 format that are of such archives, with nothing of others."""
    kept = []
    for stanza in re.split(r"\n\s*\n", text):
        lines = [line for line in stanza.splitlines() if line.strip() and not line.startswith("#")]
        values = dict(line.lower().split(":", 1) for line in lines if re.match(r"[A-Za-z-]+:", line))
        suites = next((line.split(":", 1)[1].split() for line in lines if line.lower().startswith("suites:")), [])
        wanted = [suite for suite in suites if _is_one(suite)]
        if wanted and "deb" in values.get("types", "").split() and values.get("enabled", "yes").strip() != "no":
            rest = [line for line in lines if not line.lower().startswith(("suites:", "types:"))]
            kept.append("\n".join(["Types: deb", f"Suites: {' '.join(wanted)}", *rest, ""]))
    return "\n".join(kept)


def _is_one(suite: str) -> bool:
    return suite.endswith(_SUITE)
