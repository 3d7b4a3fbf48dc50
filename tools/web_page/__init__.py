"""The web page in a real browser, over both real processes: its pictures, and an hour of it."""
