from __future__ import annotations

import ast

import pytest
from tools.scaffold import ports


@pytest.mark.parametrize("port", ports.PORTS)
def test_a_skeleton_has_every_method_of_its_port_and_what_these_need(port: str) -> None:
    protocol = ports.PORTS[port]["protocol"]
    text = f"if True:\n{ports.imports(protocol)}\nclass Made:\n{ports.methods(protocol)}\n"
    [_, made] = ast.parse(text).body
    assert isinstance(made, ast.ClassDef)
    names = {node.name for node in made.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))}
    assert {"open", "close"} <= names or protocol == "Tuner"
    exec(text, {"Iterable": list})  # every name that a signature has is there
