"""Messages that wait on disk for a network: a bounded queue, and the intake that adds every alert once."""
