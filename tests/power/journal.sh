#!/bin/bash
# Pulls the plug on journald, again and again, with the package's settings: what is left of each run is counted. As root, in a
# mount namespace of its own; the machine's own journal is not touched. Run by `make torture-journal`.
# usage: journal.sh [PULLS]; fails unless every one of them has entries left
set -euo pipefail

pulls=${1:-50}
settings=$(readlink -f "$(dirname "$0")/../../systemd/50-whimbrel-journald.conf")
if [ "${INSIDE:-}" != 1 ]; then
    INSIDE=1 exec unshare --mount --propagation private "$0" "$pulls"
fi
machine=$(cat /etc/machine-id)
for folder in /run/systemd /run/log /etc/systemd; do
    mkdir -p "$folder"
    mount -t tmpfs tmpfs "$folder"
done
mkdir -p /var/log/journal
mount -t tmpfs -o size=300M tmpfs /var/log/journal
folder=/var/log/journal/$machine
mkdir -p /run/systemd/journal "$folder"
# A limit of this machine's own, and the kernel's messages, are left out.
{ cat "$settings"; printf '%s\n' SystemKeepFree=1M RateLimitBurst=0 Audit=no ReadKMsg=no; } > /etc/systemd/journald.conf

for ((pull = 1; pull <= pulls; pull++)); do
    rm -f /run/systemd/journal/*
    touch /run/systemd/journal/flushed
    /lib/systemd/systemd-journald &
    python3 - "$pull" "$folder" << 'PYTHON'
import pathlib, socket, subprocess, sys, time
pull, folder = sys.argv[1:]
path = "/run/systemd/journal/socket"
until = time.monotonic() + 60
sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
while True:
    try:
        sender.connect(path)
        break
    except OSError:
        assert time.monotonic() < until, "journald does not start"
        time.sleep(0.02)
for number in range(400):
    text = f"MESSAGE={number} " + "x" * 160 + f"\nSYSLOG_IDENTIFIER=whimbrel\nPRIORITY=6\nPULL={pull}\nLINE={number}\n"
    sender.send(text.encode())
while subprocess.run(
    ["journalctl", "-D", folder, f"PULL={pull}", "LINE=399", "-o", "cat", "--quiet"], capture_output=True
).stdout == b"":
    assert time.monotonic() < until, "the last entry never arrives"
    time.sleep(0.05)
PYTHON
    kill -KILL $!
    wait $! 2> /dev/null || true
done

echo "$(find "$folder" -type f | wc -l) files, $(du --summarize --block-size=M "$folder" | cut -f1) of $(sed -n 's/^SystemMaxUse=//p' "$settings")"
journalctl -D "$folder" SYSLOG_IDENTIFIER=whimbrel --output=json --output-fields=PULL --quiet | python3 -c '
import collections, json, sys
left = collections.Counter(int(json.loads(line)["PULL"]) for line in sys.stdin)
pulls = int(sys.argv[1])
print(f"{len(left)} of {pulls} runs have entries left, {sum(left.values())} of {400 * pulls} entries")
sys.exit(len(left) < pulls)' "$pulls"
