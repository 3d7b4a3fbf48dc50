"""Benign air: hours in which every alert of a warning or worse is a false one. Importing this registers all scenes."""

from tools.wids_benchmark.benign import dwellings, places, quirks, sites  # noqa: F401
from tools.wids_benchmark.benign.registry import SCENES

__all__ = ["SCENES"]
