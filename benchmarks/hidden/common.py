"""Hidden tests, the part that both forms have: inputs, functions, predictions."""

from math import inf, nan  # noqa: F401 - the cases name them

import numpy as np

from kit.adapters import adapted
from kit.calling import built
from kit.draws import *  # noqa: F403 - the cases name them
from kit.functions import Named  # noqa: F401 - the cases name it


def drawn(case, number):
    """The inputs of a case by name, and the generator they came from."""
    rng = np.random.default_rng([2024, number])
    return {name: built(value, rng) for name, value in case.items()}, rng


def parts_of(value, count):
    """What came back as so many arrays; one may come bare or as a tuple of one."""
    bare = count == 1 and not (isinstance(value, tuple) and len(value) == 1)
    parts = [value] if bare else list(value)
    assert len(parts) == count, f"{len(parts)} results, expected {count}"
    return parts


def assert_same(found, wanted, rtol, atol):
    """Every part of an answer."""
    for one, other in zip(found, wanted, strict=True):
        assert (one is None) == (other is None), "None in the wrong place"
        if other is not None:
            one, other = (np.asarray(x.detach() if hasattr(x, "detach") else x, dtype=float) for x in (one, other))
            assert one.shape == other.shape, f"shape {one.shape}, expected {other.shape}"
            np.testing.assert_allclose(one, other, rtol=rtol, atol=atol)


def answers(function, positional, adapter, cases):
    """What a function gives for every case."""
    for number, case in enumerate(cases):
        inputs, _ = drawn(case, number)
        args = [inputs.pop(name) for name in positional]
        with np.errstate(all="ignore"):
            yield adapted(adapter, function)(*args, **inputs)


def check_function(student, reference, positional, cases, adapter="", count=1, rtol=1e-6, atol=1e-8):
    """A student's function against the instructor's, or against the answers written down: a list."""
    wanted = reference if isinstance(reference, list) else answers(reference, positional, adapter, cases)
    for found, right in zip(answers(student, positional, adapter, cases), wanted, strict=True):
        assert_same(parts_of(found, count), parts_of(right, count), rtol, atol)


def check_values(found, wanted):
    """The answer variables of a prediction."""
    for name, right in wanted.items():
        if isinstance(right, float):
            np.testing.assert_allclose(found[name], right)
        else:
            assert found[name] == right, f"{name} is not right"
