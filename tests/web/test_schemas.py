"""Schemas of records: what the encoder writes of any record fits its schema, and little else does."""

from __future__ import annotations

import enum
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.events.test_decode import OWN, through_json, values

from whimbrel.events.base import KINDS, Body, Event
from whimbrel.events.encode import encode_event
from whimbrel.events.incidents import IncidentOpened
from whimbrel.verbs.alerts import ALERTS
from whimbrel.verbs.registry import VERBS
from whimbrel.web.kinds import leaves
from whimbrel.web.schemas import PLACE, Schemas

jsonschema_rs = pytest.importorskip("jsonschema_rs", reason="it comes with schemathesis: make setup")


def validator(schema: dict[str, Any], schemas: Schemas) -> Any:
    return jsonschema_rs.validator_for({**schema, "components": {"schemas": schemas.found}})


@pytest.mark.parametrize("verb", VERBS)
@settings(max_examples=15)
@given(data=st.data())
def test_every_answer_fits(verb: str, data: st.DataObject) -> None:
    schemas = Schemas()
    check = validator(schemas.of(VERBS[verb].answer), schemas)
    answer = through_json(data.draw(values(VERBS[verb].answer)))
    assert [str(error) for error in check.iter_errors(answer)] == []
    assert not check.is_valid("something else")


@pytest.mark.parametrize("kind", [kind for kind in OWN if leaves(KINDS[kind])])
@settings(max_examples=15)
@given(data=st.data())
def test_every_message_fits(kind: str, data: st.DataObject) -> None:
    schemas = Schemas()
    check = validator(schemas.message(KINDS[kind]), schemas)
    event = Event(7, 12.5, "watcher", data.draw(values(KINDS[kind])))
    message = through_json(encode_event(event)) | {"level": "info", "message": "a sentence"}
    assert [str(error) for error in check.iter_errors(message)] == []
    assert not check.is_valid(message | {"kind": "another"})


def test_what_lacks_a_field_does_not_fit() -> None:
    schemas = Schemas()
    check = validator(schemas.of(ALERTS.answer), schemas)
    whole = {"time": 1.0, "alerts": [], "incidents": [], "number": 0}
    assert check.is_valid(whole)
    assert not check.is_valid({name: value for name, value in whole.items() if name != "alerts"})
    assert not check.is_valid(whole | {"alerts": [{}]})
    assert schemas.found["IncidentRow"]["required"][: len(IncidentOpened.fields)] == list(IncidentOpened.fields)


def test_a_type_that_json_has_no_form_of_is_a_mistake() -> None:
    for hint in (complex, type, Any | None, set[int]):
        if hint != Any | None:
            with pytest.raises(TypeError, match="no form in JSON"):
                Schemas().of(hint)


def test_flags_are_texts_or_numbers() -> None:
    class Plain(enum.Flag):
        ONE = 1

    assert Schemas().of(Plain) == {"type": "integer"}
    assert Schemas().of(Body)["$ref"] == f"{PLACE}Body"
