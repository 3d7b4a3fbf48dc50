from __future__ import annotations

from whimbrel.updating.places import Places


def test_root_s_own_files_are_not_where_the_daemon_writes() -> None:
    places = Places()
    for path in (places.state, places.problems, places.new, places.old, places.program, places.settings):
        assert not path.is_relative_to("/var/lib/whimbrel")
        assert not path.is_relative_to("/run/whimbrel")
