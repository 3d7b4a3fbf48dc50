"""What to believe of a receiver: how its frames are to be read, and when they were heard. Pure."""
