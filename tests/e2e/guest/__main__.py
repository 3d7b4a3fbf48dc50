"""Runs the checks one after the other, in the guest and as root, and says what came of each.

The last check ends the guest: its SIGTERM is what a shutdown sends to every service.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable

from tests.e2e.guest import air, board, daemon
from tests.e2e.guest import air_checks as of_air
from tests.e2e.guest import copy_checks as of_copy
from tests.e2e.guest import hand_checks as of_hands
from tests.e2e.guest import memory_checks as of_memory
from tests.e2e.guest import package_checks as of_package
from tests.e2e.guest import passive_checks as of_passivity
from tests.e2e.guest import reach_checks as of_reach
from tests.e2e.guest import room_checks as of_room
from tests.e2e.guest import service_checks as of_service
from tests.e2e.guest import splash_checks as of_splash
from tests.e2e.guest import time_checks as of_time
from tests.e2e.guest import update_checks as of_updates
from tests.vm.guest.checks import say

_CHECKS: tuple[Callable[[], None], ...] = (
    of_package.installs_where_there_is_no_radio,
    of_package.is_ready_once_there_is_a_radio,
    of_air.finds_every_access_point_and_its_security_while_hopping,
    of_air.sees_the_handshake_of_wpa2,
    of_air.knows_who_uses_which_network,
    of_reach.runs_every_module_of_its_settings,
    of_hands.keys_lead_through_the_screens_that_the_panel_shows,
    of_reach.a_phone_logs_in_to_the_page,
    of_air.raises_the_alert_at_a_disconnection_attack,
    of_reach.a_phone_saw_the_attack_at_once,
    of_service.has_recorded_the_attack,
    of_reach.tells_a_person_of_the_attack,
    of_reach.runs_as_a_user_of_its_own_without_a_capability,
    of_reach.is_exposed_to_less_than_the_daemon,
    of_hands.only_the_shutdown_is_allowed_to_the_daemon,
    of_service.the_journal_has_the_fields,
    of_service.the_catalog_explains_an_entry,
    of_service.runs_as_its_user_without_a_capability,
    of_passivity.the_helper_alone_has_the_capabilities,
    of_passivity.the_helper_is_exposed_to_little_and_small,
    of_service.is_exposed_to_little,
    of_service.stays_within_its_memory,
    of_memory.remembers_across_a_restart_what_was_heard_where,
    of_service.refuses_a_bad_file_and_keeps_the_old_settings,
    of_service.takes_a_good_file,
    of_service.goes_on_without_its_radio_and_takes_it_back,
    of_service.scans_within_its_sandbox_where_there_is_no_monitor_mode,
    of_passivity.a_helper_that_dies_is_started_again,
    of_service.is_restarted_by_the_watchdog_when_it_hangs,
    of_reach.outlasted_the_daemon,
    of_reach.stays_within_its_memory,
    of_reach.takes_a_provisioning_file,
    of_splash.makes_the_first_picture_once_for_its_settings,
    of_splash.the_lines_of_the_first_picture_are_handed_over,
    of_copy.copies_to_a_fat_partition_that_stays_closed,
    of_copy.ends_at_once_while_it_waits_for_the_next_copy,
    of_copy.is_closed_when_it_is_killed_half_way,
    of_time.sets_the_clock_by_a_file_alone,
    of_time.leaves_a_clock_that_a_network_sets,
    of_service.was_refused_no_system_call,
    of_service.said_nothing_of_a_mistake_of_its_own,
    of_passivity.a_module_that_wants_to_transmit_cannot,
    of_room.can_write_to_few_places_and_fill_none,
    of_room.keeps_its_state_within_its_room,
    of_updates.takes_a_signed_package_and_is_ready_again,
    of_updates.goes_back_to_the_old_version_where_the_new_daemon_does_not_run,
    of_updates.goes_on_after_a_power_cut,
    of_updates.starts_nothing_without_a_package,
    of_updates.asks_for_security_updates_by_a_file_alone,
    of_package.is_removed_and_purged_without_a_trace,
    of_package.is_installed_again_on_a_debian_without_lgpio,
)
_FOUNDATIONS = 2
"""Checks without which there is no point in the others."""
_PATIENCE = 120
"""Seconds from the key to the shutdown."""


class _ShuttingDown(BaseException):
    """SIGTERM has come."""


def main() -> int:
    """Run everything. Returns only where the held key did not end the guest."""
    say(f"\nNOTE  {time.monotonic():.0f} s from the kernel's start to the first check")
    signal.signal(signal.SIGTERM, _on_sigterm)
    board.power_on()
    passed = sum(_passes(one) for one in _CHECKS[:_FOUNDATIONS])
    if passed == _FOUNDATIONS:
        passed += sum(_passes(one) for one in _CHECKS[_FOUNDATIONS:])
        passed += _passes(a_held_key_switches_the_computer_off)
    air.clear()
    failed = len(_CHECKS) + 1 - passed
    say(f"{passed} passed, {failed} failed or not tried, in {time.monotonic():.0f} s")
    say(f"VERDICT {min(failed, 1)}")
    return min(failed, 1)


def a_held_key_switches_the_computer_off() -> None:
    """Hold the key; systemd's SIGTERM is the proof that the guest is going down for it."""
    began = daemon.now()
    try:
        of_hands.hold_the_key_that_shuts_down()
        time.sleep(_PATIENCE)
    except _ShuttingDown:
        daemon.wait_for_entry("power-wanted", began, within=5)
        state = subprocess.run(["systemctl", "is-system-running"], check=False, capture_output=True, text=True)
        if state.stdout.strip() != "stopping":
            raise AssertionError(f"SIGTERM, but the system is {state.stdout}") from None
        return
    raise AssertionError(f"{_PATIENCE} s after the key was held, the computer still runs")


def _passes(one: Callable[[], None]) -> bool:
    name = one.__name__.replace("_", " ")
    began = time.monotonic()
    try:
        one()
    except Exception:  # noqa: BLE001  # every check gets its turn
        say(f"FAIL  {name} ({time.monotonic() - began:.1f} s)")
        _explain()
        return False
    say(f"PASS  {name} ({time.monotonic() - began:.1f} s)")
    return True


def _explain() -> None:
    for line in traceback.format_exc().splitlines()[-40:]:
        say("     ", line)
    try:
        for line in daemon.last_words().splitlines():
            say("      journal:", line)
    except (AssertionError, OSError, subprocess.SubprocessError) as error:
        say("      no journal:", error)


def _on_sigterm(_number: int, _frame: object) -> None:
    raise _ShuttingDown


if __name__ == "__main__":
    sys.exit(main())
