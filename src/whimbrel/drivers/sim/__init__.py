"""The simulated air: access points, stations and incidents of a scene, as a monitor interface would receive them.

The frames are real, built once by scapy, and the same for the same seed. They go only to our own receiver: nothing
here transmits.
"""
