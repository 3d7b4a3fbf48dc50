"""Keys and screen, on the kernel's GPIO and I2C."""

from __future__ import annotations

from tests.e2e.guest import board, daemon
from tests.e2e.guest.panel import PAGES, WIDTH, text_of
from tests.vm.guest.checks import check, run, say, wait_for

_STILL = 60.0
"""Seconds within which a picture that does not move by itself is on the panel as the screenshot has it."""


def keys_lead_through_the_screens_that_the_panel_shows() -> None:
    home = _home()
    board.press("menu")
    menu = _settled(home)
    board.press("down")
    moved = _settled(menu)
    # The chosen line is drawn light on dark: moving on changes two lines, and not the title above them.
    rows = [page for page in range(PAGES) if _page(menu, page) != _page(moved, page)]
    check(rows and 0 not in rows, f"pages {rows} differ between\n{text_of(menu)}\nand\n{text_of(moved)}")
    board.press("up")
    check(_settled(moved) == menu, f"up and down do not end where they began:\n{text_of(board.picture())}")
    board.press("back")
    wait_for("another picture than the menu's", lambda: board.picture() != menu, 60)
    say("NOTE  the panel, in the menu:\n" + text_of(menu))


def only_the_shutdown_is_allowed_to_the_daemon() -> None:
    process = f"{daemon.pid()},{_start_time(daemon.pid())},{_uid()}"

    def may(action: str) -> bool:
        try:
            run("pkcheck", "--action-id", f"org.freedesktop.{action}", "--process", process)
        except AssertionError:
            return False
        return True

    for action in ("login1.power-off", "login1.reboot"):
        check(may(action), f"polkit refuses {action}")
    for action in ("login1.halt", "systemd1.manage-unit-files", "systemd1.manage-units"):
        check(not may(action), f"polkit allows {action}")
    asked = run("systemctl", "is-active", "whimbrel-recover.path").strip()
    check(asked == "active", f"nobody watches for the daemon asking for its radio: whimbrel-recover.path is {asked}")


def hold_the_key_that_shuts_down() -> None:
    """Go to the last line of the menu, open it, and hold ok; the guest's systemd does the rest."""
    home = _home()
    board.press("menu")
    menu = _settled(home)
    board.press("up")
    last = _settled(menu)
    board.press("ok")
    asked = _settled(last)
    say("NOTE  the panel:\n" + text_of(asked))
    board.hold("ok")


def _home() -> bytes:
    """Return the first picture that stays, once there are display and buttons."""
    wait_for("the display and the buttons", lambda: {_state("display"), _state("buttons")} == {"ready"}, 60)
    return _settled(bytes(WIDTH * PAGES))


def _settled(before: bytes) -> bytes:
    """Return the panel's picture once it is another than `before`, and the one that the daemon says it shows."""
    pair = (b"", b"")

    def same() -> bool:
        nonlocal pair
        pair = (board.picture(), daemon.screenshot())
        return pair[0] == pair[1] != before

    try:
        wait_for("the panel to show another picture, the screenshot's", same, _STILL, every=0.1)
    except AssertionError as error:
        panel, shot = map(text_of, pair)
        raise AssertionError(f"{error}\npanel:\n{panel}\nscreenshot:\n{shot}") from None
    return pair[0]


def _page(picture: bytes, page: int) -> bytes:
    return picture[page * WIDTH : (page + 1) * WIDTH]


def _state(module: str) -> str:
    return str(daemon.modules()[module]["state"])


def _start_time(process: int) -> str:
    with open(f"/proc/{process}/stat") as stat:  # noqa: PTH123
        return stat.read().rpartition(")")[2].split()[19]


def _uid() -> str:
    return daemon.of_process("Uid").split()[0]
