"""Pictures for whoever may look hold nobody up."""

from __future__ import annotations

import asyncio
import base64
import io
import time

import pytest
from PIL import Image
from tests.lab.waiting import until

from whimbrel.display import screenshots
from whimbrel.display.picture import png
from whimbrel.display.screenshots import MOST_PIXELS, Screenshots
from whimbrel.module import VerbError
from whimbrel.stall import StallMonitor


def picture(width: int = 320, height: int = 240) -> Image.Image:
    return Image.effect_noise((width, height), 64.0).convert("P")


@pytest.mark.parametrize(("size", "scale", "found"), [
    ((320, 240), 16, 5), ((128, 64), 16, 16), ((128, 64), 3, 3), ((1600, 1400), 2, 1),
])  # fmt: skip
async def test_the_whole_picture_has_a_bound(size: tuple[int, int], scale: int, found: int) -> None:
    answer = await Screenshots().take(lambda: picture(*size), scale)
    assert (answer.width, answer.height) == size
    with Image.open(io.BytesIO(base64.b64decode(answer.png))) as image:
        assert image.size == (size[0] * found, size[1] * found)
        assert found == 1 or image.width * image.height <= MOST_PIXELS


async def test_the_loop_is_not_held_up() -> None:
    shots = Screenshots()
    image = picture()
    steps = StallMonitor(0.03, clock=time.thread_time)
    loop = asyncio.get_running_loop()
    steps.install(loop)
    try:
        await asyncio.gather(*(asyncio.create_task(shots.take(lambda: image, 16), name="control") for _ in range(4)))
    finally:
        loop.set_task_factory(None)
    assert not steps.take()


async def test_they_are_made_one_at_a_time_also_for_those_who_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = most = made = 0

    def counted(image: Image.Image, scale: int) -> bytes:
        nonlocal at_once, most, made
        at_once += 1
        most = max(most, at_once)
        octets = png(image, scale)
        at_once -= 1
        made += 1
        return octets

    monkeypatch.setattr(screenshots, "png", counted)
    shots = Screenshots()
    clients = [asyncio.create_task(shots.take(picture, 5)) for _ in range(4)]
    await asyncio.sleep(0)
    with pytest.raises(VerbError, match="ask again"):
        await shots.take(picture, 1)
    for client in clients:
        client.cancel()
    await asyncio.gather(*clients, return_exceptions=True)
    await until(lambda: made == 4)
    assert most == 1
    await until(lambda: not shots._making)
    assert (await shots.take(picture, 1)).width == 320
