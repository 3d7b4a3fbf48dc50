"""The survey returns all results of a frame; the common ones are shared objects."""

from __future__ import annotations

from tests.survey.air import AP, SAE, STA, beacon, frame, from_ap, kinds, probe, response, the_ap, to_ap

from whimbrel.survey.observation import FRESH, NOTHING
from whimbrel.survey.survey import Survey
from whimbrel.wifi.frames import Frame


def test_what_is_new_is_returned_and_not_kept() -> None:
    survey = Survey()
    seen = survey.observe(beacon())
    ap = the_ap(survey)
    assert kinds(seen.findings) == ["access-point-found"]
    assert (seen.fresh, list(seen.announced), seen.measured) == (True, [(ap, None)], None)
    assert survey.observe(beacon(time=1000.1)).announced == ()


def test_a_changed_announcement_comes_with_the_one_before() -> None:
    survey = Survey()
    survey.observe(beacon())
    before = the_ap(survey).announced
    seen = survey.observe(beacon(security=SAE, time=1000.1))
    assert kinds(seen.findings) == ["access-point-changed"]
    assert list(seen.announced) == [(the_ap(survey), before)]
    assert the_ap(survey).announced is not before
    # A return within a minute makes no finding, but is another announcement.
    back = survey.observe(beacon(time=1000.2))
    assert (kinds(back.findings), len(back.announced), back.fresh) == ([], 1, True)


def test_a_response_announces_while_no_beacon_was_heard() -> None:
    survey = Survey()
    assert list(survey.observe(response()).announced) == [(the_ap(survey), None)]
    assert survey.observe(response(time=1000.1)) is FRESH


def test_what_a_beacon_was_compared_with() -> None:
    survey = Survey()
    sent = [beacon(time=1000 + number / 10) for number in range(60)]
    pairs: list[tuple[Frame, Frame]] = []
    for each in sent:
        measured = survey.observe(each).measured
        if measured is not None:
            assert measured[0] is the_ap(survey)
            pairs.append((measured[1], each))
    assert len(pairs) > 60 / 5
    assert all(sent.index(each) == sent.index(before) + 1 for before, each in pairs)


def test_common_frames_share_what_is_returned_for_them() -> None:
    survey = Survey()
    survey.observe(beacon())
    survey.observe(from_ap())
    assert survey.observe(beacon(time=1000.01)) is not FRESH
    later = [survey.observe(beacon(time=1000.02 + number / 10)) for number in range(30)]
    assert sum(seen is NOTHING for seen in later) > 15
    acknowledgement = frame(0x1D, AP, AP, AP)
    assert survey.observe(acknowledgement) is NOTHING
    assert survey.observe(probe(bad_fcs=True)) is NOTHING
    assert survey.observe(from_ap()) is FRESH
    assert survey.observe(to_ap()) is FRESH
    assert survey.observe(frame(0x0D, AP, STA, AP, b"")) is FRESH
