"""The bus: it delivers the events of any module to every listener that subscribed to their kind."""

from whimbrel.bus.broadcast import DEFAULT_CAPACITY, Bus, Sender
from whimbrel.bus.subscription import Closed, Lagged, Overrun, Policy, Subscription

__all__ = [
    "DEFAULT_CAPACITY",
    "Bus",
    "Closed",
    "Lagged",
    "Overrun",
    "Policy",
    "Sender",
    "Subscription",
]
