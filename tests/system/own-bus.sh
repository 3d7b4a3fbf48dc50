# Sourced as root, in a mount namespace of its own (unshare -m), by scripts that ask a service of the system as the users
# whimbrel and nobody: a folder $work, a user whimbrel, and `start_bus`, which starts the dbus-daemon of "$work/bus.conf".
set -eu
work=$(mktemp -d)
chmod 755 "$work"
for file in passwd group; do
    grep -v '^whimbrel:' "/etc/$file" > "$work/$file"
done
echo 'whimbrel:x:64001:64001::/:/usr/sbin/nologin' >> "$work/passwd"
echo 'whimbrel:x:64001:' >> "$work/group"
mount --make-rprivate /
mount --bind "$work/passwd" /etc/passwd
mount --bind "$work/group" /etc/group

start_bus() {
    dbus-daemon --config-file="$work/bus.conf" --nofork 2> "$work/log" &
    bus=$!
    trap 'kill $bus; rm -rf "$work"' EXIT
    until [ -S "$work/bus" ]; do sleep 0.1; done
    chmod 666 "$work/bus"
}
