"""What the services publish of their formats, as schemas: JSON Schema for JSON, a table of tags for JUnit."""

from __future__ import annotations

import re
from xml.etree import ElementTree

NUMBER, TEXT = {"type": "number"}, {"type": "string"}
FORMAT = {"enum": ["text", "html", "simple_format", "md", "ansi"]}
VISIBILITY = {"enum": ["hidden", "after_due_date", "after_published", "visible"]}

GRADESCOPE = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "score": NUMBER,
        "execution_time": NUMBER,
        "output": TEXT,
        **dict.fromkeys(("output_format", "test_output_format", "test_name_format"), FORMAT),
        **dict.fromkeys(("visibility", "stdout_visibility"), VISIBILITY),
        "extra_data": {"type": "object"},
        "tests": {"type": "array", "items": {"$ref": "#/$defs/test"}},
        "leaderboard": {"type": "array"},
    },
    "anyOf": [{"required": ["score"]}, {"required": ["tests"]}],
    "$defs": {
        "test": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "score": NUMBER,
                "max_score": NUMBER,
                "status": {"enum": ["passed", "failed"]},
                **dict.fromkeys(("name", "number", "output"), TEXT),
                **dict.fromkeys(("name_format", "output_format"), FORMAT),
                "tags": {"type": "array", "items": TEXT},
                "visibility": VISIBILITY,
                "extra_data": {"type": "object"},
            },
        }
    },
}

WHOLE = {"type": "integer", "minimum": 0}
SAID = {"type": "string", "minLength": 1}
CLASSROOM50 = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "schema": {"const": "classroom50/result/v1"},
        "assignment_type": {"enum": ["individual", "group", "team"]},
        **dict.fromkeys(("classroom", "assignment", "owner", "submission", "commit", "release", "review"), SAID),
        "datetime": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
        **dict.fromkeys(("score", "max-score"), WHOLE),
        "tests": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["test-name", "passed", "score", "max-score"],
                "properties": {
                    "test-name": SAID,
                    "passed": {"type": "boolean"},
                    **dict.fromkeys(("score", "max-score"), WHOLE),
                },
            },
        },
    },
    "required": ["schema", "classroom", "assignment", "owner", "submission", "commit", "release", "review", "datetime",
                 "score", "max-score", "tests"],
}  # fmt: skip

COUNTS = {"tests", "failures", "errors", "skipped"}
JUNIT: dict[str, tuple[set[str], set[str], set[str]]] = {
    # tag: attributes that must be there, that may be there, children
    "testsuites": ({"name", "time", *COUNTS}, {"timestamp"}, {"testsuite"}),
    "testsuite": ({"name", "time", *COUNTS}, {"file", "timestamp"}, {"properties", "testcase"}),
    "testcase": ({"name", "classname"}, {"file", "line", "time"}, {"properties", "failure", "error", "skipped"}),
    "properties": (set(), set(), {"property"}),
    "property": ({"name", "value"}, set(), set()),
    "failure": ({"type", "message"}, set(), set()),
    "error": ({"type", "message"}, set(), set()),
    "skipped": ({"message"}, set(), set()),
}
WHOLE_NUMBERS = {*COUNTS, "line"}
ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def check_junit(data: bytes) -> ElementTree.Element:
    """The parsed document, after every rule of the format was held against it."""
    text = data.decode("utf-8")
    assert not ILLEGAL.search(text)
    root = ElementTree.fromstring(data)
    assert root.tag == "testsuites"
    for element in root.iter():
        needed, allowed, children = JUNIT[element.tag]
        assert needed <= set(element.keys()) <= needed | allowed, element.tag
        assert {child.tag for child in element} <= children, element.tag
        for name in WHOLE_NUMBERS & set(element.keys()):
            assert int(element.get(name)) >= 0
        assert float(element.get("time", "0")) >= 0
    for suite in root:
        cases = suite.findall("testcase")
        outcomes = [[child.tag for child in case if child.tag != "properties"] for case in cases]
        assert all(len(found) <= 1 for found in outcomes)
        told = {"tests": len(cases)}
        told |= {f"{tag}s": outcomes.count([tag]) for tag in ("failure", "error")}
        assert {name: int(suite.get(name)) for name in COUNTS} == told | {"skipped": outcomes.count(["skipped"])}
    assert all(int(root.get(name)) == sum(int(suite.get(name)) for suite in root) for name in COUNTS)
    return root
