"""Thinning of frames in the kernel: an eBPF socket filter that counts what repeats and passes the rest."""
