"""The bus: events to every listener that asked for their kind, from any module."""

from whimbrel.bus.broadcast import DEFAULT_CAPACITY, Bus, Sender
from whimbrel.bus.subscription import Closed, Lagged, Overrun, Policy, Subscription, SubscriptionStats

__all__ = [
    "DEFAULT_CAPACITY",
    "Bus",
    "Closed",
    "Lagged",
    "Overrun",
    "Policy",
    "Sender",
    "Subscription",
    "SubscriptionStats",
]
