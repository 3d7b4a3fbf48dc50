"""The flight recorder: the selection of frames, the files, and their limits."""
