"""The control socket: its protocol and its file. The server is a module."""

DEFAULT_SOCKET = "/run/whimbrel/control.sock"
"""Path of the Unix socket, where nothing names another one."""
