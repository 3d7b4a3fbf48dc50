"""What waits on disk for a network: a bounded queue, and the intake that puts every alert into it once."""
