"""What jsonencode and yamlencode write leads back to the source: every key and text to its own line and column."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from scanner.core.location import Location
from scanner.core.node import Node
from scanner.core.value import HOLE, ListValue, MapValue, Scalar, Unknown, Value
from scanner.model.terraform.domain import Encoded, EncodedUnknown
from scanner.model.terraform.encoded_text import json_of
from scanner.model.terraform.functions.encoding import yaml_of
from scanner.model.terraform.json_text import encoded_as
from scanner.parse.embedded import embedded_documents

WRITERS = {"json": json_of, "yaml": yaml_of}
AT = Location("main.tf", 1, 1, 1, 2)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Co", "Zl", "Zp")), min_size=1, max_size=12)
SHAPES = st.recursive(
    TEXTS, lambda inner: st.lists(inner, min_size=1, max_size=4) | st.dictionaries(TEXTS, inner, min_size=1, max_size=4),
    max_leaves=12,
)


class Source:
    """Places one text a line, in quotes from column 5 on."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def at(self, text: str) -> Location:
        self.lines.append(text)
        return Location("main.tf", len(self.lines), 5, len(self.lines), 5 + len(text) + 2)

    def value(self, shape: object) -> Value:
        if isinstance(shape, dict):
            keys_at = {key: self.at(key) for key in shape}
            return MapValue({key: self.value(entry) for key, entry in shape.items()}, AT, keys_at)
        if isinstance(shape, list):
            return ListValue(tuple(self.value(item) for item in shape), AT)
        return Scalar(shape, self.at(str(shape)), quoted=True)


def scalars(node: Node) -> list[Node]:
    if node.kind == "mapping":
        return [found for key, value in node.pairs for found in (key, *scalars(value))]
    if node.kind == "sequence":
        return [found for item in node.items for found in scalars(item)]
    return [node]


@pytest.mark.parametrize("encoding", WRITERS)
@given(shape=SHAPES.filter(lambda shape: not isinstance(shape, str)))
@example(shape={"0": ":"})
def test_every_text_leads_back_to_its_line(encoding: str, shape: object) -> None:
    source = Source()
    value = source.value(shape)
    made = encoded_as(encoding, WRITERS[encoding], value, AT)
    assert isinstance(made, Encoded)
    assert (json.loads if encoding == "json" else yaml.safe_load)(str(made.content)) == shape
    for node in scalars(embedded_documents(made, encoding)[0]):
        assert source.lines[node.at.start_line - 1] == node.text
        assert (node.at.start_column, node.at.end_column) == (5, 5 + len(node.text) + 2)


@pytest.mark.parametrize("encoding", WRITERS)
def test_unknown_entries_stay_pieces(encoding: str) -> None:
    gap = Unknown("the bucket is not known", AT)
    value = MapValue({"b": gap, "a": Scalar("x", AT), "c": ListValue((gap, Scalar("y", AT)), AT)}, AT)
    made = encoded_as(encoding, WRITERS[encoding], value, AT)
    assert isinstance(made, EncodedUnknown)
    assert [part for part in made.parts if isinstance(part, Unknown)] == [gap, gap]
    assert made.rendering == WRITERS[encoding]({"a": "x", "b": HOLE, "c": [HOLE, "y"]})


def test_unknown_list_has_no_text() -> None:
    value = MapValue({"a": ListValue((), AT, Unknown("for_each is not known", AT))}, AT)
    made = encoded_as("yaml", yaml_of, value, AT)
    assert isinstance(made, EncodedUnknown)
    assert made.parts == ()


def test_lines_of_a_text_lead_to_lines_of_the_source() -> None:
    block = Scalar("set -e\nmake\n", Location("main.tf", 7, 3, 9, 1))
    value = MapValue({"run": block}, AT, {"run": Location("main.tf", 6, 3, 6, 6)})
    made = encoded_as("yaml", yaml_of, value, AT)
    assert isinstance(made, Encoded)
    text = str(made.content)
    assert made.text_map.position(text.index("make"))[:2] == ("main.tf", 7)
