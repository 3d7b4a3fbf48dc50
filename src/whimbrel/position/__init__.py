"""gpsd's reports, the valid fix, and the positions of access points; pure."""
