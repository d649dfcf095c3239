"""Hidden tests of backward rules with NumPy alone: the instructor's rule is the reference."""

import numpy as np

from benchmarks.hidden.common import assert_same, drawn, parts_of


def check_rule(student, reference, forward, positional, count, cases):
    """A backward rule against the instructor's."""
    for number, case in enumerate(cases):
        inputs, rng = drawn(case, number)
        arrays = [inputs.pop(name) for name in positional]
        with np.errstate(all="ignore"):
            output = np.asarray(forward(*arrays, **inputs), dtype=np.float64)
            grad_output = rng.standard_normal(output.shape)
            wanted = reference(grad_output, output, *arrays, **inputs)
            found = student(grad_output, output, *arrays, **inputs)
        assert_same(parts_of(found, count), parts_of(wanted, count), 1e-6, 1e-8)
