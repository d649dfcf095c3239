"""JUnit XML as CI services read it (https://github.com/testmoapp/junitxml): a suite a submission, a case an exercise.

    right                          nothing
    partly right, not right, crashed, not attempted    failure
    practice not attempted, essays                      skipped
    could not be graded                                 error

Points are properties. The account's text has no character that XML 1.0 forbids; ElementTree escapes the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from autograder.bridges.ci.results import Item, Result
from autograder.judging.verdict import Status
from autograder.reports.values import points

NAME = "autograder"


def document(results: Sequence[Result], *, seconds: float = 0.0) -> bytes:
    """The file's bytes, in UTF-8."""
    root = Element("testsuites", name=NAME, time=f"{seconds:.3f}")
    for result in results:
        _count(_suite(root, result))
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    ElementTree.indent(root)
    data: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return data + b"\n"


def _suite(root: Element, result: Result) -> Element:
    suite = SubElement(root, "testsuite", name=result.title)
    if result.file:
        suite.set("file", result.file)
    facts = {"state": result.state, "points": points(result.points)}
    if result.decided:
        facts["score"] = repr(round(result.earned, 6))
    if result.isolation:
        facts |= {"isolation": result.isolation, "hidden inputs": result.fingerprint}
    facts |= {f"note {number}": text for number, text in enumerate((*result.notices, *result.problems), start=1)}
    _properties(suite, facts)
    if result.state != "graded":
        kind, message = ("failure", "not read") if result.state == "rejected" else ("error", "not graded")
        _outcome(_case(suite, result, "notebook"), kind, message, message, result.reason)
    for item in result.items:
        _exercise(suite, result, item)
    for essay in result.essays:
        case = _case(suite, result, essay.name)
        _properties(case, {"points": points(essay.points)})
        SubElement(case, "skipped", message="waits for a reader" if essay.written else "not attempted")
    return suite


def _exercise(suite: Element, result: Result, item: Item) -> None:
    case = _case(suite, result, item.exercise)
    case.set("time", f"{item.seconds:.3f}")
    if item.line is not None:
        case.set("line", str(item.line))
    facts = {"points": points(item.points)}
    if item.earned is not None:
        facts["score"] = repr(round(item.earned, 6))
    if item.bonus:
        facts["bonus"] = "yes"
    _properties(case, facts)
    if item.status is Status.PASSED:
        return
    if item.status is Status.NOT_ATTEMPTED and (item.bonus or not item.points):
        SubElement(case, "skipped", message=item.word)
        return
    kind = "error" if item.status is Status.INTERNAL else "failure"
    message = f"{item.word}: {item.said[0]}" if item.said else item.word
    body = [*item.said]
    for quote in item.quotes:
        body += [f"{quote.title}:", *(f"    {line}" for line in quote.text.split("\n"))]
    _outcome(case, kind, item.status.value, message, "\n".join(body))


def _case(suite: Element, result: Result, name: str) -> Element:
    case = SubElement(suite, "testcase", name=name, classname=result.title)
    if result.file:
        case.set("file", result.file)
    return case


def _outcome(case: Element, kind: str, what: str, message: str, text: str) -> None:
    SubElement(case, kind, type=what, message=message).text = text


def _properties(place: Element, facts: dict[str, str]) -> None:
    properties = SubElement(place, "properties")
    for name, value in facts.items():
        SubElement(properties, "property", name=name, value=value)


def _count(suite: Element) -> None:
    cases = suite.findall("testcase")
    suite.set("tests", str(len(cases)))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(sum(case.find(tag) is not None for case in cases)))
    suite.set("time", f"{sum(float(case.get('time', '0')) for case in cases):.3f}")
