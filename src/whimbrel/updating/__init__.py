"""Packages of Whimbrel from the boot partition: judged, installed, tried, and taken back if the daemon does not run.

Run as root by ``whimbrel-packages.service``. Nothing here imports anything of Whimbrel but this package and the errors,
because it goes on while that is replaced: the program that begins an update is kept (`keeping.keep_program`), and ends
it, after a power cut too.
"""
