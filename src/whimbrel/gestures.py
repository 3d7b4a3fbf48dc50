"""What fingers mean: the edges of keys become presses, releases, short and long presses, and repeats. Pure.

Each gesture has the steps press, short, release, or press, long, repeat…, release: every press ends in exactly one of
short or long, however long it was, and its last step is release. A press is taken at its first edge, so that nothing
waits for a contact to settle; what the contact does within `debounce` of that is looked at once, at the end.

Time is monotonic seconds, and arrives with the edges and with `Gestures.advance`, which is to be called at
`Gestures.due`. Being late with that changes nothing but the number of repeats: steps are decided by when they were
due, and edges by when they were seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from whimbrel.events.keys import KEYS, KeyTrouble, Press

MOST_CHANGES = 24
"""Changes of one key within `RUSH`, after debouncing, that a finger may make; the fastest make about 16."""
RUSH = 1.0
"""Seconds over which changes are counted."""
QUIET = 1.0
"""Seconds without an edge after which a bouncing key counts again."""
_NEVER = float("inf")
_STUCK = "stuck"
_BOUNCING = "bouncing"
_HELD = "held"  # down without having been pressed, not for long enough yet to be stuck

Step = Press | KeyTrouble


class _Key:
    """One key: what its contact does, and the gesture that it is in."""

    __slots__ = (
        "changes", "down", "gesture", "held_from", "is_long", "locked", "name", "next_repeat", "quiet_at", "raw",
        "rush_from", "trouble",
    )  # fmt: skip

    def __init__(self, name: str) -> None:
        self.name = name
        self.raw = False  # the contact, as last seen
        self.down = False  # whether a gesture is going on
        self.locked = _NEVER  # until when the contact is not believed; never: it is
        self.gesture = 0
        self.held_from = 0.0
        self.is_long = False
        self.next_repeat = _NEVER
        self.trouble = ""
        self.quiet_at = _NEVER  # when a bouncing key will have been quiet for long enough
        self.rush_from = -_NEVER
        self.changes = 0


class Gestures:
    """Turns the edges of `KEYS` into the steps of gestures. Durations are seconds.

    `debounce`: after a change, changes are not believed for so long. `long`: a key that is held for so long makes a
    long press. `repeat`: the time between two repeats of a key that is held on. `stuck`: a key that is held for so
    long is stuck: its gesture ends, and it does not count until it was let go.
    """

    def __init__(self, *, debounce: float, long: float, repeat: float, stuck: float) -> None:
        self.debounce = debounce
        self.long = long
        self.repeat = repeat
        self.stuck = max(stuck, long)
        self._keys = {name: _Key(name) for name in KEYS}
        self._now = 0.0
        self._last_gesture = 0

    @property
    def troubles(self) -> Mapping[str, str]:
        """The keys that do not count at the moment, and why: stuck or bouncing."""
        return {key.name: key.trouble for key in self._keys.values() if key.trouble and key.trouble != _HELD}

    def is_down(self, key: str) -> bool:
        """Tell whether a gesture is going on with `key`, or its contact is closed."""
        known = self._keys.get(key)
        return known is not None and (known.down or known.raw)

    def free_at(self, key: str) -> float:
        """Return from when on a press of `key`, and its release, are believed and are not too many."""
        known = self._keys.get(key)
        if known is None:
            return 0.0
        settled = 0.0 if known.locked == _NEVER else known.locked
        return max(settled, known.rush_from + RUSH) if known.changes + 2 > MOST_CHANGES else settled

    def edge(self, key: str, down: bool, at: float) -> list[Step]:
        """Take a change of a contact that was seen at `at`; return the steps that it and the time until it make.

        Total: an edge that is older than what came before counts as of the same time, a press without a release before
        it ends the gesture that goes on, a release without a press is nothing, and so is a key that there is none of.
        """
        known = self._keys.get(key)
        steps = self.advance(at)
        if known is None:
            return steps
        missed = down and known.raw
        known.raw = down
        if known.trouble == _BOUNCING:
            known.quiet_at = self._now + QUIET
        elif known.trouble:
            if not down:
                known.trouble = ""
                self._lock(known, self._now)
        elif known.locked == _NEVER:
            if missed and known.down:
                steps += self._release(known, self._now)
            steps += self._settle(known, self._now)
        return steps

    def held(self, keys: Iterable[str], at: float) -> None:
        """Take note of keys that are down without having been pressed, at the start; they count once let go."""
        self.advance(at)
        for key in keys:
            if known := self._keys.get(key):
                known.raw = True
                known.trouble = _HELD
                known.held_from = self._now

    def advance(self, now: float) -> list[Step]:
        """Return the steps that were due until `now`, in the order in which they were due."""
        steps: list[Step] = []
        if not now > self._now:
            return steps
        while (due := self.due()) is not None and due <= now:
            for key in self._keys.values():
                if self._due(key) == due:
                    steps += self._act(key, due, now)
        self._now = now
        return steps

    def due(self) -> float | None:
        """Return when `advance` is to be called next if no edge comes before; None where nothing is due."""
        due = min(map(self._due, self._keys.values()))
        return None if due == _NEVER else due

    def finish(self) -> list[Step]:
        """End every gesture that goes on; for when no more edges will come."""
        steps: list[Step] = []
        for key in self._keys.values():
            key.raw = False
            if key.down:
                steps += self._release(key, self._now)
        return steps

    def _due(self, key: _Key) -> float:
        if key.trouble:
            waits = {_BOUNCING: key.quiet_at, _HELD: key.held_from + self.stuck}
            return waits.get(key.trouble, _NEVER)
        if not key.down:
            return key.locked
        if not key.is_long:
            return min(key.locked, key.held_from + self.long)
        return min(key.locked, key.next_repeat, key.held_from + self.stuck)

    def _act(self, key: _Key, due: float, now: float) -> list[Step]:
        """Do the one thing that is due for `key`."""
        if key.trouble == _BOUNCING:
            key.quiet_at = _NEVER
            key.changes = 0
            key.trouble = _HELD if key.raw else ""
            key.held_from = due
            return []
        if key.trouble == _HELD:
            key.trouble = _STUCK
            return [KeyTrouble(key=key.name, problem=_STUCK, seconds=due - key.held_from)]
        if key.locked == due:
            key.locked = _NEVER
            return self._settle(key, due)
        if not key.is_long:
            key.is_long = True
            key.next_repeat = due + self.repeat
            return [self._step(key, "long", due)]
        if key.next_repeat != due:
            steps = self._release(key, due)
            key.trouble = _STUCK if key.raw else ""
            key.locked = _NEVER
            return [*steps, KeyTrouble(key=key.name, problem=_STUCK, seconds=due - key.held_from)]
        # What is late is left out: a list must not jump by ten lines once the loop gets its breath back.
        key.next_repeat = due + self.repeat if due + self.repeat > now else now + self.repeat
        return [self._step(key, "repeat", due)]

    def _settle(self, key: _Key, at: float) -> list[Step]:
        """Believe the contact: begin or end a gesture where it says so."""
        if key.raw == key.down:
            return []
        if at - key.rush_from >= RUSH:
            key.rush_from = at
            key.changes = 0
        key.changes += 1
        if key.changes > MOST_CHANGES:
            return self._mute(key, at)
        self._lock(key, at)
        if not key.raw:
            return self._release(key, at)
        self._last_gesture += 1
        key.gesture = self._last_gesture
        key.down = True
        key.is_long = False
        key.held_from = at
        return [self._step(key, "press", at)]

    def _mute(self, key: _Key, at: float) -> list[Step]:
        steps = self._release(key, at) if key.down else []
        key.trouble = _BOUNCING
        key.quiet_at = at + QUIET
        key.locked = _NEVER
        return [*steps, KeyTrouble(key=key.name, problem=_BOUNCING, seconds=at - key.rush_from)]

    def _release(self, key: _Key, at: float) -> list[Step]:
        key.down = False
        key.next_repeat = _NEVER
        release = self._step(key, "release", at)
        return [release] if key.is_long else [self._step(key, "short", at), release]

    def _lock(self, key: _Key, at: float) -> None:
        key.locked = at + self.debounce if self.debounce else _NEVER

    @staticmethod
    def _step(key: _Key, gesture: str, at: float) -> Press:
        return Press(key=key.name, gesture=gesture, gesture_id=key.gesture, held=at - key.held_from)
