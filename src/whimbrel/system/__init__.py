"""The board that the daemon runs on: what the kernel tells of it, and the command that ends its run."""
