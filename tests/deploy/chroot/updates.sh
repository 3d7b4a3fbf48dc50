# shellcheck shell=bash disable=SC2016
# Runs in a clean system with /new.deb: packages that an owner puts on the boot partition, and what must come of each. No
# systemd runs in here: whether the daemon does well is tried in the virtual machine.
set -u
card=/boot/firmware
state=/var/lib/whimbrel-update
key=/usr/share/whimbrel/release.gpg
export GNUPGHOME=/root/gnupg

pass() { echo "PASS $*"; }
check() { # check WHAT COMMAND...
    local what=$1
    shift
    if "$@"; then pass "$what"; else echo "FAIL $what"; fi
}
version() { dpkg-query -Wf '${db:Status-Abbrev}${Version}' whimbrel; }
# Makes the package $1 of what is installed as version $2; the rest is a script that changes its files, in their folder.
make_version() {
    local work=/tmp/make
    rm -rf $work && dpkg-deb -R /new.deb $work
    sed -i "s/^Version: .*/Version: $2/" $work/DEBIAN/control
    [ ! -e $key ] || install -D -m 644 $key $work$key
    (cd $work && eval "${3:-}")
    dpkg-deb --root-owner-group -Zgzip -b $work "$1" > /dev/null
}
sign() { gpg --batch --yes --armor --detach-sign --output "$1.asc" "$1" 2> /dev/null; }
put() { # put FILE...: onto the card, and nothing else there
    mount -o remount,rw $card
    rm -rf $card/packages $card/done.txt
    mkdir $card/packages
    [ $# = 0 ] || cp "$@" $card/packages/
    mount -o remount,ro $card
}
start() { /usr/libexec/whimbrel/update > /tmp/said 2>&1 || true; cat /tmp/said; }
allow() { mkdir -p /run/whimbrel-image && printf '%s\n' "$@" > /run/whimbrel-image/updates; }
# refuses WHAT WANTED-TEXT: the next start says so on the card, and changes nothing.
refuses() {
    local before
    before=$(version)
    start
    check "$1" grep -q -- "$2" $state/problems
    check "$1: nothing has changed" test "$(version)" = "$before"
    check "$1: nothing is left half way" test ! -e $state/pending.json
}
installs() { # installs WHAT VERSION
    start
    check "$1" test "$(version)" = "ii $2"
    check "$1: and says so" grep -q "Whimbrel $2 is installed" $card/done.txt
    check "$1: the package is gone from the card" test -z "$(ls $card/packages)"
    check "$1: there are no problems" test ! -e $state/problems
    check "$1: the partition is read-only again" sh -c '! touch /boot/firmware/x 2> /dev/null'
}

mkdir -p $card && mount -t tmpfs -o ro tmpfs $card
dpkg --install /new.deb > /dev/null
current=$(dpkg-query -Wf '${Version}' whimbrel)
mkdir -m 700 $GNUPGHOME
gpg --batch --passphrase '' --pinentry-mode loopback --quick-gen-key release@example.org ed25519 2> /dev/null
make_version /tmp/two.deb 9.2
sign /tmp/two.deb

put
start
check "without a package nothing is said" test ! -s /tmp/said
put /tmp/two.deb /tmp/two.deb.asc
rm -f $key
refuses "a build without a key trusts nothing that is signed" "built without a release key"
gpg --export > $key
# A release carries its key.
make_version /tmp/one.deb "$current"
dpkg --install /tmp/one.deb > /dev/null
make_version /tmp/two.deb 9.2
put /tmp/two.deb
refuses "a package without a signature" "two.deb: it has no signature: put two.deb.asc"
check "the partition was not written for it" test ! -e $card/done.txt
sign /tmp/two.deb
echo >> /tmp/two.deb
put /tmp/two.deb /tmp/two.deb.asc
refuses "a package that was changed" "its signature is not one of the release"
make_version /tmp/two.deb 9.2
sign /tmp/two.deb
head -c 100000 /tmp/two.deb > /tmp/cut.deb
cp /tmp/two.deb.asc /tmp/cut.deb.asc
put /tmp/cut.deb /tmp/cut.deb.asc
refuses "a package that was cut short" "cut.deb: it is not whole"
make_version /tmp/arm.deb 9.2 'sed -i "s/^Architecture: .*/Architecture: s390x/" DEBIAN/control'
sign /tmp/arm.deb
put /tmp/arm.deb /tmp/arm.deb.asc
refuses "a package for another processor" "it is for s390x: get the one for $(dpkg --print-architecture)"
make_version /tmp/other.deb 9.2 'sed -i "s/^Package: .*/Package: bash/" DEBIAN/control'
sign /tmp/other.deb
put /tmp/other.deb /tmp/other.deb.asc
refuses "a package that is not Whimbrel's" "it is the package bash, and only whimbrel"
make_version /tmp/needs.deb 9.2 'sed -i "s/^Depends: /Depends: libnowhere5 (>= 2), /" DEBIAN/control'
sign /tmp/needs.deb
put /tmp/needs.deb /tmp/needs.deb.asc
refuses "a package that needs another one" "it needs what this device does not have: libnowhere5 (>= 2)"
make_version /tmp/old.deb 0.0.1
sign /tmp/old.deb
put /tmp/old.deb /tmp/old.deb.asc
refuses "an older version" "older than the $current that runs: write allow_downgrade=yes"
make_version /tmp/huge.deb 9.2 'sed -i "s/^Installed-Size: .*/Installed-Size: 999999999/" DEBIAN/control'
sign /tmp/huge.deb
put /tmp/huge.deb /tmp/huge.deb.asc
refuses "a card that is full" "there is no room for it: it needs"

# Maintainer scripts that fail, at each of their steps.
for script in preinst postinst; do
    make_version /tmp/$script.deb 9.2 "printf '#!/bin/sh\n[ \$1 = abort-upgrade ] || { echo error: a broken $script >&2; exit 1; }\n' > DEBIAN/$script; chmod 755 DEBIAN/$script"
    sign /tmp/$script.deb
    put /tmp/$script.deb /tmp/$script.deb.asc
    refuses "a package whose $script fails" "9.2 failed (it cannot be installed (.*so $current was put back"
    refuses "it is not tried again" "it is not tried again, unless you give the file another name"
    check "dpkg has nothing to complain of" test -z "$(dpkg --audit)"
done
check "what was put back is what there was" sh -c "dpkg --verify whimbrel | grep -v ' /usr/share/\(doc\|man\)' > /tmp/verify; test ! -s /tmp/verify"
check "and it runs" whimbrel --version

put /tmp/two.deb /tmp/two.deb.asc
installs "a signed package" 9.2
put /tmp/two.deb /tmp/two.deb.asc
installs "the same one once more" 9.2
make_version /tmp/three.deb 9.3
put /tmp/three.deb
allow allow_unsigned=yes
installs "an unsigned one, where that is allowed" 9.3
make_version /tmp/old.deb 9.1
put /tmp/old.deb
refuses "an older one is not, by that" "older than the 9.3"
allow allow_unsigned=yes allow_downgrade=yes
installs "an older one, where that is allowed" 9.1
make_version /tmp/four.deb 9.4
put /tmp/two.deb /tmp/three.deb /tmp/four.deb
start
check "of several the newest" test "$(version)" = "ii 9.4"
check "the others are told" grep -q "two.deb: four.deb beside it is newer" $state/problems
printf 'Mac OS' > /tmp/._four.deb
put /tmp/._four.deb
start
check "what macOS leaves beside a file is none" test ! -s /tmp/said

# A power cut: everything is killed at a moment of the installation, and the next start goes on.
cut() { # cut SCRIPT-OF-THE-PACKAGE: the update is killed in it
    make_version "/tmp/$1.deb" "$2" "printf '%s\n' '#!/bin/sh' '[ -e /tmp/cut ] || { touch /tmp/cut; kill -9 \$(cat /tmp/updater) \$PPID; sleep 1; exit 1; }' > /tmp/head; tail -n +2 DEBIAN/$1 >> /tmp/head; cp /tmp/head DEBIAN/$1; chmod 755 DEBIAN/$1"
    rm -f /tmp/cut
    put "/tmp/$1.deb"
    sh -c 'echo $$ > /tmp/updater; exec /usr/libexec/whimbrel/update' > /tmp/said 2>&1
    check "a power cut in the $1: the update is not ended" test -e $state/pending.json
}
allow allow_unsigned=yes
for script in preinst postinst; do
    cut $script 9.5
    # Whatever of Whimbrel the cut has spoiled.
    mv /usr/lib/python3/dist-packages/whimbrel/updating /tmp/aside
    start
    rm -rf /tmp/aside
    check "a power cut in the $script: the next start goes on" test "$(version)" = "ii 9.5"
    check "a power cut in the $script: and says so" grep -q "Whimbrel 9.5 is installed" $card/done.txt
    allow allow_unsigned=yes allow_downgrade=yes
    put /tmp/four.deb
    start
done
cut postinst 9.6
sed -i 's/"attempts": [0-9]*/"attempts": 2/' $state/pending.json
start
check "after two cuts the old version is put back" test "$(version)" = "ii 9.4"
check "and that is said" grep -q "9.6 failed (the device went off 2 times while it was installed), so 9.4 was put back" $state/problems
cut postinst 9.7
sed -i 's/"stage": "[a-z]*"/"stage": "restoring"/' $state/pending.json
start
check "a cut while it is put back" test "$(version)" = "ii 9.4"
check "dpkg has nothing to complain of at last" test -z "$(dpkg --audit)"

# A power cut while a Debian package is unpacked, during security updates: dpkg is killed in the middle.
mkdir -p /tmp/wren/DEBIAN $state/security/archives
printf '%s: %s\n' Package wren Version 1.1 Architecture all Maintainer 'a <a@b.c>' Description d > /tmp/wren/DEBIAN/control
printf '%s\n' '#!/bin/sh' '[ -e /tmp/cut-again ] || { touch /tmp/cut-again; kill -9 $PPID; sleep 1; exit 1; }' > /tmp/wren/DEBIAN/preinst
chmod 755 /tmp/wren/DEBIAN/preinst
touch /tmp/wren/DEBIAN/md5sums
dpkg-deb --root-owner-group -b /tmp/wren $state/security/archives/wren_1.1_all.deb > /dev/null
dpkg --install $state/security/archives/wren_1.1_all.deb > /dev/null 2>&1
dpkg --configure --pending > /dev/null 2>&1
check "a package is cut off in the middle, and not whole by being configured" sh -c 'dpkg --audit | grep -q wren'
put /tmp/four.deb
refuses "a card update says what was cut off" "the package wren of this system was cut off while it was installed"
touch $state/debian
start
check "the next start unpacks it again" test "$(dpkg-query -Wf '${db:Status-Abbrev}${Version}' wren)" = "ii 1.1"
check "dpkg has nothing to complain of after that" test -z "$(dpkg --audit)"
check "what was begun is ended" test ! -e $state/debian
check "and the card's package is taken" test -z "$(ls $card/packages)"

# apt at work at the same time.
put /tmp/three.deb
allow allow_unsigned=yes allow_downgrade=yes
python3 -c 'import fcntl, time; file = open("/var/lib/dpkg/lock-frontend", "w"); fcntl.lockf(file, fcntl.LOCK_EX); print("locked", flush=True); time.sleep(3)' > /tmp/locked &
until grep -q locked /tmp/locked; do sleep 0.1; done
start
wait
check "an update waits for apt" test "$(version)" = "ii 9.3"
apt-get purge --yes whimbrel > /dev/null
check "a purge leaves nothing of it" test ! -e $state
echo DONE
