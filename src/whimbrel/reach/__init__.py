"""The second process: modules that speak IP, on a bus that is fed from the daemon's control socket (docs/reach.md)."""
