# Asks a dbus-daemon of its own, with the policy $1, what the users whimbrel and nobody may call. Prints a line for each call: the
# user, the service, and the error, which is of the policy (AccessDenied) or of the service, which fails (Spawn…). Run it as
# root in a mount namespace of its own (unshare -m).
. "$(dirname "$0")/own-bus.sh"

services='org.freedesktop.login1 org.freedesktop.resolve1 org.freedesktop.Avahi org.freedesktop.NetworkManager
org.freedesktop.systemd1 org.freedesktop.timedate1 org.freedesktop.PackageKit fi.w1.wpa_supplicant1 org.bluez'
mkdir "$work/services"
for service in $services; do
    printf '[D-BUS Service]\nName=%s\nExec=/bin/false\n' "$service" > "$work/services/$service.service"
done
cat > "$work/bus.conf" <<CONF
<busconfig><type>session</type><listen>unix:path=$work/bus</listen><auth>EXTERNAL</auth><servicedir>$work/services</servicedir>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/></policy>
<include>$1</include></busconfig>
CONF
start_bus

call() {
    user=$1 name=$2
    shift 2
    said=$(setpriv --reuid="$user" --clear-groups dbus-send --bus="unix:path=$work/bus" --print-reply "$@" 2>&1) || true
    echo "$user $name $(echo "$said" | sed -n 's/^Error \([A-Za-z.0-9]*\):.*/\1/p; s/^method return.*/answered/p' | head -1)"
}
for user in whimbrel nobody; do
    for service in $services; do
        call "$user" "$service" --dest="$service" / org.freedesktop.DBus.Peer.Ping
    done
    call "$user" names --dest=org.freedesktop.DBus / org.freedesktop.DBus.ListNames
    call "$user" start --dest=org.freedesktop.DBus / org.freedesktop.DBus.StartServiceByName \
        string:org.freedesktop.resolve1 uint32:0
    call "$user" clock --dest=org.freedesktop.timedate1 /org/freedesktop/timedate1 \
        org.freedesktop.DBus.Properties.GetAll string:org.freedesktop.timedate1
    call "$user" set-clock --dest=org.freedesktop.timedate1 /org/freedesktop/timedate1 \
        org.freedesktop.timedate1.SetTime int64:0 boolean:false boolean:false
done
# What the daemon really asks with: it asks nobody where systemd does not run.
if command -v timedatectl > /dev/null; then
    if ! [ -d /run/systemd/system ]; then
        mount -t tmpfs tmpfs /run
        mkdir -p /run/systemd/system
    fi
    said=$(DBUS_SYSTEM_BUS_ADDRESS="unix:path=$work/bus" setpriv --reuid=whimbrel --clear-groups \
        timedatectl show --property=NTPSynchronized --value 2>&1) || true
    echo "whimbrel timedatectl $said"
fi
