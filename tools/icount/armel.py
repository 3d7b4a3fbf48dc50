"""The Debian armel root for the counts: a device's packages, and this checkout installed like its package."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
BUILD = PROJECT / "build" / "armel"
ROOT = BUILD / "root"
SUITE = "trixie"
"""Debian 13: the base of Raspberry Pi OS for the Zero W, and the last release with armel."""
_NAMES = (SUITE, "stable", "oldstable")
"""Under which the archive may have it: some mirrors renew the index of one name later than its signature."""

_PACKAGES = ("python3-minimal", "python3", "python3-scapy", "python3-yaml",
             "python3-systemd", "libpcap0.8t64", "python3-luma.oled", "python3-gpiozero")  # fmt: skip
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin", "HOME": "/", "LANG": "C.UTF-8", "PYTHONHASHSEED": "0",
               "PYTHONDONTWRITEBYTECODE": "1"}  # fmt: skip
"""For every program in the root, the same on every machine."""
RUN = BUILD / "run"
_MADE_OF = ROOT / "icount-packages"
"""Contains the suite and packages of the root; written when it is complete."""

# QEMU with plugins is not static: its libraries, which have folders of their own by architecture, come in with it.
_ENTER = f"""
root={shlex.quote(str(ROOT))}
mount --make-rprivate /
while [ "$1" != -- ]; do mount --bind "$1" "$root/$2"; shift 2; done
shift
cd "$root"
mkdir -p lib64 usr/lib/$(uname -m)-linux-gnu
touch qemu-arm
for library in $(ldd "$(command -v qemu-arm)" | sed -n 's/^[^=]*=> \\(\\/[^ ]*\\).*/\\1/p'); do
    folder=$(dirname "$(readlink -f "$library")")
    mkdir -p ".$folder"
    mountpoint -q ".$folder" || mount --bind "$folder" ".$folder"
done
loader=$(ldd "$(command -v qemu-arm)" | sed -n 's/^\\s*\\(\\/lib64[^ ]*\\).*/\\1/p')
touch ".$loader"
mount --bind "$(readlink -f "$loader")" ".$loader"
mount --bind "$(command -v qemu-arm)" qemu-arm
mount --bind /dev dev
mount -t proc proc proc
unset PWD OLDPWD
exec chroot . "$@"
"""
_COMPILED = ("/usr/lib/python3/dist-packages/whimbrel", "/usr/lib/python3/dist-packages/tools")
_LEFT_OUT = ("man", "locale", "doc")


def make_root() -> None:
    """Build the root where it is absent or made of other packages: minutes, and some 200 MB, from where apt gets.

    A root that cannot be replaced stays. Raises subprocess.CalledProcessError.
    """
    wanted = f"{SUITE}: {' '.join(_PACKAGES)}\n"
    if _MADE_OF.exists() and _MADE_OF.read_text() == wanted:
        return
    print(f"building a Debian {SUITE} armel root under {BUILD} (some minutes, once)", file=sys.stderr)
    BUILD.mkdir(parents=True, exist_ok=True)
    unfinished = ROOT.with_name("root-unfinished")
    log = BUILD / "mmdebstrap.log"
    for name in _NAMES:
        shutil.rmtree(unfinished, ignore_errors=True)
        with log.open("wb") as stream:
            built = subprocess.run(
                [sys.executable, "-m", "tools.icount.binfmt", *_debootstrap(name, unfinished)],
                stderr=stream, cwd=PROJECT, check=False,
            )  # fmt: skip
        if not built.returncode and f"VERSION_CODENAME={SUITE}\n" in (unfinished / "etc/os-release").read_text():
            break
        print(f"no {SUITE} as {name}; {log} ends in:", *log.read_text().splitlines()[-3:], sep="\n", file=sys.stderr)
    else:
        raise subprocess.CalledProcessError(built.returncode or 1, "mmdebstrap")
    (unfinished / _MADE_OF.name).write_text(wanted)
    shutil.rmtree(ROOT, ignore_errors=True)
    unfinished.rename(ROOT)


def _debootstrap(name: str, folder: Path) -> list[str]:
    """Return the command that builds the root in `folder`, from the archive's suite `name`."""
    return [
        "mmdebstrap", "--mode=root", "--format=directory", "--skip=check/qemu", "--architectures=armel",
        "--variant=apt", f"--include={','.join(_PACKAGES)}", "--aptopt=APT::Install-Recommends false",
        *(f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in _LEFT_OUT),
        name, str(folder), f"deb {_archive()} {name} main",
    ]  # fmt: skip


def _archive() -> str:
    """Return the address of the archive that apt of this machine uses."""
    listed = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    sites = sorted({site for site in listed.stdout.split() if "security" not in site})
    if not sites:
        raise SystemExit("apt on this machine has no archive: no armel root can be built")
    return sites[0]


def install() -> None:
    """Put this checkout into the root as a Debian package would: sources, compiled files, entry points.

    Also the programs that are counted, and in ``/icount`` the frames. Raises subprocess.CalledProcessError.
    """
    packages = ROOT / "usr/lib/python3/dist-packages"
    _mirror(PROJECT / "src/whimbrel", packages / "whimbrel")
    _mirror(Path(__file__).parent / "guest", packages / "tools/icount/guest")
    (ROOT / "icount").mkdir(exist_ok=True)
    shutil.copy2(Path(__file__).with_name("frames.pcap"), ROOT / "icount")
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    metadata = packages / f"whimbrel-{project['version']}.dist-info"
    metadata.mkdir(exist_ok=True)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: whimbrel\nVersion: {project['version']}\n")
    lines = []
    for group, entries in project["entry-points"].items():
        lines += [f"[{group}]", *(f"{name} = {target}" for name, target in entries.items())]
    (metadata / "entry_points.txt").write_text("\n".join(lines) + "\n")
    subprocess.run(command("-m", "compileall", "-q", *_COMPILED), env=ENVIRONMENT, check=True)
    subprocess.run(command("-m", "whimbrel.bundling"), env=ENVIRONMENT, check=True)


def command(*arguments: str, plugin: str = "", run: Path = RUN, mnt: Path = BUILD) -> list[str]:
    """Return a command that runs ``python3 ARGUMENTS`` in the root: with its paths, without network, as root.

    ``/run`` and ``/mnt`` are these folders. `plugin` is the argument of QEMU's option of that name, with paths as they
    are inside.
    """
    program = ROOT / "usr/bin/python3"
    loaded = ["-plugin", plugin] if plugin else []
    emulated = ["/qemu-arm", "-cpu", "arm1176", *loaded, "-0", "/usr/bin/python3", f"/usr/bin/{program.readlink()}"]
    # setarch -R: addresses decide about hashes of objects, and those about how often a table is searched.
    isolated = ["setarch", "-R", "unshare", "--mount", "--net", "sh", "-euc", _ENTER, "sh"]
    bound = [str(run), "run", str(mnt), "mnt", "--"]
    return [*isolated, *bound, *emulated, *arguments]


def _mirror(source: Path, target: Path) -> None:
    """Make `target` hold the files of `source`, with their times, and leave compiled files of the same sources."""
    kept = {path.relative_to(source) for path in source.rglob("*") if path.is_file() and path.suffix != ".pyc"}
    for path in list(target.rglob("*")) if target.exists() else []:
        if path.is_file() and path.suffix != ".pyc" and path.relative_to(target) not in kept:
            path.unlink()
    for name in kept:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source / name, target / name)
