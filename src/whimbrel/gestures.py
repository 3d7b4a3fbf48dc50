"""Gesture recognition: turns the edges of keys into presses, releases, short and long presses, and repeats. Pure.

Each gesture has the steps press, short, release, or press, long, repeat…, release: every press becomes exactly one of
short and long, and its last step is release. A press begins at the first edge, without waiting for the contact to
settle; the state of the contact is checked again when `debounce` has passed.

Times are monotonic seconds, passed with the edges and to `Gestures.advance`, which the caller calls at `Gestures.due`.
A late call changes only the number of repeats: steps are decided by the times at which they were due, and edges by the
times at which they were seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from whimbrel.events.keys import KEYS, KeyTrouble, Press

MOST_CHANGES = 24
"""Limit of changes of one key within `RUSH`, after debouncing; the fastest fingers make about 16."""
RUSH = 1.0
"""Seconds over which changes are counted."""
QUIET = 1.0
"""Seconds without an edge after which a bouncing key is used again."""
_NEVER = float("inf")
_STUCK = "stuck"
_BOUNCING = "bouncing"
_HELD = "held"  # down since before the start, not yet long enough to be stuck

Step = Press | KeyTrouble


class _Key:
    """The state of one key: its contact and its gesture."""

    __slots__ = (
        "changes", "down", "gesture", "held_from", "is_long", "locked", "name", "next_repeat", "quiet_at", "raw",
        "rush_from", "trouble",
    )  # fmt: skip

    def __init__(self, name: str) -> None:
        self.name = name
        self.raw = False  # the last state of the contact
        self.down = False  # whether a gesture is in progress
        self.locked = _NEVER  # the time until which edges are ignored; never: they are not
        self.gesture = 0
        self.held_from = 0.0
        self.is_long = False
        self.next_repeat = _NEVER
        self.trouble = ""
        self.quiet_at = _NEVER  # the time at which a bouncing key is used again
        self.rush_from = -_NEVER
        self.changes = 0


class Gestures:
    """Turns the edges of `KEYS` into the steps of gestures. Durations are seconds.

    `debounce`: the time after a change in which further changes are ignored. `long`: the time after which a held key
    makes a long press. `repeat`: the time between two repeats of a held key. `stuck`: the time after which a held key
    counts as stuck: its gesture ends, and the key is ignored until it was released.
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
        """The keys that are ignored at the moment, and the reason: stuck or bouncing."""
        return {key.name: key.trouble for key in self._keys.values() if key.trouble and key.trouble != _HELD}

    def is_down(self, key: str) -> bool:
        """Return whether a gesture with `key` is in progress, or its contact is closed."""
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
        """Process a change of a contact that was seen at `at`; return the steps that were due until then and its own.

        Total: an edge that is older than the previous one counts as simultaneous, a press without a release before it
        ends the gesture in progress, a release without a press is ignored, and so is an unknown key.
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
        """Note keys that are already down at the start; they are used once they were released."""
        self.advance(at)
        for key in keys:
            if known := self._keys.get(key):
                known.raw = True
                known.trouble = _HELD
                known.held_from = self._now

    def advance(self, now: float) -> list[Step]:
        """Return the steps that were due until `now`, in order."""
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
        """Return the time of the next call of `advance` if no edge comes before; None if nothing is due."""
        due = min(map(self._due, self._keys.values()))
        return None if due == _NEVER else due

    def finish(self) -> list[Step]:
        """End every gesture in progress, because no more edges will come."""
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
        """Execute the one action that is due for `key`."""
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
        # Late repeats are left out: a list must not jump by ten lines after the loop was blocked.
        key.next_repeat = due + self.repeat if due + self.repeat > now else now + self.repeat
        return [self._step(key, "repeat", due)]

    def _settle(self, key: _Key, at: float) -> list[Step]:
        """Accept the state of the contact: begin or end a gesture if it changed."""
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
