from __future__ import annotations

from whimbrel.drivers.sim.shared import join


async def test_sources_of_one_air_share_its_beginning() -> None:
    first = join("home", 7, 1.0, 1000.0)
    second = join("home", 7, 1.0, 1005.0)
    assert second is first
    assert second.start == 1000.0
    assert join("home", 8, 1.0, 1006.0).start == 1006.0, "another seed is another air"
    first.leave()
    assert join("home", 7, 1.0, 1007.0).start == 1000.0, "one still listens"


async def test_after_the_last_one_it_begins_again() -> None:
    air = join("cafe", 7, 1.0, 1000.0)
    air.leave()
    again = join("cafe", 7, 1.0, 2000.0)
    assert again.start == 2000.0
    air.leave()
    assert join("cafe", 7, 1.0, 3000.0).start == 2000.0, "who left twice does not end the air of another"
