"""Who has logged in, and how often somebody may try. Pure: the time comes from the caller."""

from __future__ import annotations

import hashlib
import hmac
from collections import OrderedDict, deque
from collections.abc import Mapping

from whimbrel.system.addresses import place_of

MOST = 32
"""Sessions; one more ends the one that would end first."""
TRIES, TRIES_OF_ALL, SPAN = 5, 50, 60.0
"""Failed logins that one place, and all of them with a chosen token, may have within `SPAN` seconds."""
_PLACES = 256
"""Places whose failed logins are remembered; the longest unused is forgotten."""


def digest(secret: str) -> str:
    """Return what is kept of a secret: a session is a random number, of which nobody finds a second one."""
    return hashlib.sha256(_octets(secret)).hexdigest()


def same(one: str, other: str) -> bool:
    """Return whether two secrets are equal, in a time that says nothing of where they differ, or of their lengths."""
    return hmac.compare_digest(hashlib.sha256(_octets(one)).digest(), hashlib.sha256(_octets(other)).digest())


def _octets(secret: str) -> bytes:
    """Encode whatever a stranger sends: octets of a header that are no UTF-8 arrive as halves of surrogate pairs."""
    return secret.encode(errors="surrogatepass")


class Sessions:
    """The sessions by the digest of their number, each with the seconds since the epoch at which it ends."""

    def __init__(self, known: Mapping[str, float] | None = None) -> None:
        self._ends = dict(known or {})

    def begin(self, secret: str, now: float, length: float) -> None:
        """Begin a session of that number."""
        self._forget_old(now)
        while len(self._ends) >= MOST:
            del self._ends[min(self._ends, key=self._ends.__getitem__)]
        self._ends[digest(secret)] = now + length

    def end_of(self, secret: str, now: float) -> float | None:
        """Return when the session of that number ends, None where there is none."""
        ends = self._ends.get(digest(secret))
        return ends if ends is not None and now < ends else None

    def end(self, secret: str) -> None:
        """End a session."""
        self._ends.pop(digest(secret), None)

    def shift(self, delta: float, latest: float) -> None:
        """Note that the clock was set by `delta` seconds: it lasts no shorter for that, and until `latest` at most.

        Without that limit, a session of earlier days would gain the steps of all starts of a board without a clock.
        """
        self._ends = {key: min(ends + delta, latest) for key, ends in self._ends.items()}

    def left(self, now: float) -> dict[str, float]:
        """Return the sessions that go on."""
        self._forget_old(now)
        return dict(self._ends)

    def _forget_old(self, now: float) -> None:
        self._ends = {key: ends for key, ends in self._ends.items() if now < ends}


class Tries:
    """Counts failed logins by the place of their address. `now` is of a clock that nobody sets.

    `of_all`: whether all places together have a limit. It lets a crowd lock the owner out, and keeps it from guessing a
    token that somebody has chosen; a made one cannot be guessed.
    """

    def __init__(self, *, of_all: bool) -> None:
        self.of_all = of_all
        self._all: deque[float] = deque(maxlen=TRIES_OF_ALL)
        self._of: OrderedDict[str, deque[float]] = OrderedDict()

    def pause(self, address: str, now: float) -> float:
        """Return the seconds until this address may try again, 0 if it may now."""
        waits = [self._all[0] + SPAN - now] if self.of_all and len(self._all) == TRIES_OF_ALL else []
        times = self._of.get(place_of(address))
        if times is not None and len(times) == TRIES:
            waits.append(times[0] + SPAN - now)
        return max(0.0, *waits, 0.0)

    def failed(self, address: str, now: float) -> None:
        """Count a failed login."""
        self._all.append(now)
        place = place_of(address)
        times = self._of.setdefault(place, deque(maxlen=TRIES))
        times.append(now)
        self._of.move_to_end(place)
        while len(self._of) > _PLACES:
            self._of.popitem(last=False)
