"""The control socket: its protocol and its file. The server is a module."""
