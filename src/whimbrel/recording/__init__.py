"""The flight recorder: what is kept of the frames, in which files, and for how long."""
