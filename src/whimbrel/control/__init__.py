"""The control socket: its protocol, and the client that the command line uses. The server is a module."""
