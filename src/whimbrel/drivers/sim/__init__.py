"""The simulated air: access points, stations and incidents of a scene, as a monitor interface would hear them.

Real frames, built once by scapy, the same for the same seed. They only ever go to our own receiver: nothing here
transmits.
"""
