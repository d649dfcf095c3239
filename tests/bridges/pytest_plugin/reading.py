"""JUnit's file as plain data."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Case:
    """One item: passed, failed, skipped or error, its text and its properties."""

    ended: str
    text: str
    properties: dict[str, str]


def cases(path: Path) -> dict[str, Case]:
    """Every item by its name after the notebook's: ``relu_backward::values``."""
    found = {}
    for element in ET.parse(path).iter("testcase"):
        owner = element.get("classname", "").partition(".ipynb")[2].lstrip(".")
        name = "::".join(word for word in (owner, element.get("name", "")) if word)
        ends = {"failure": "failed", "error": "error", "skipped": "skipped"}
        said = next((child for child in element if child.tag in ends), None)
        told = {one.get("name", ""): one.get("value", "") for one in element.iter("property")}
        found[name] = Case("passed" if said is None else ends[said.tag], "" if said is None else said.text or "", told)
    return found


def points_of(path: Path) -> dict[str, float]:
    """The points of all items together, by the folder of the notebook."""
    sums: dict[str, float] = {}
    for element in ET.parse(path).iter("testcase"):
        earned = [float(one.get("value", 0)) for one in element.iter("property") if one.get("name") == "points"]
        folder = element.get("classname", "").partition(".ipynb")[0].rpartition(".")[0]
        sums[folder] = sums.get(folder, 0.0) + sum(earned)
    return sums


def total(found: dict[str, Case], name: str) -> float:
    """The sum of a property."""
    return sum(float(case.properties.get(name, 0)) for case in found.values())
