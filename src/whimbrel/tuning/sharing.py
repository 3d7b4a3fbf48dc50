"""Divides the channels among several receivers, so that no two of them visit one: pure and deterministic."""

from __future__ import annotations

from collections.abc import Collection, Mapping


def share_out(plans: Mapping[str, Collection[int]]) -> dict[str, frozenset[int]]:
    """Return the channels that each receiver is to visit, by its name; `plans` are those that it could, in MHz.

    Each channel of any plan goes to exactly one of the receivers that have it. Shares are as equal as the plans allow,
    so that a lap takes all of them about as long, and are runs of neighbouring channels, because a receiver also hears
    what is sent on the channels beside its own.
    """
    names = sorted(plans)
    shares: dict[str, set[int]] = {name: set() for name in names}
    contested: list[int] = []
    for freq in sorted({freq for plan in plans.values() for freq in plan}):
        able = [name for name in names if freq in plans[name]]
        if len(able) == 1:
            shares[able[0]].add(freq)
        else:
            contested.append(freq)
    fair = -(-sum(map(len, shares.values()), len(contested)) // max(len(names), 1))
    for freq in contested:
        able = [name for name in names if freq in plans[name]]
        below = [name for name in able if len(shares[name]) < fair]
        shares[below[0] if below else min(able, key=lambda name: len(shares[name]))].add(freq)
    return {name: frozenset(share) for name, share in shares.items()}
