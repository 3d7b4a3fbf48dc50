"""Frames from scapy's own capture sockets."""
