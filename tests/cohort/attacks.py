"""Cells of submissions that try to be graded without being right. None of it earns anything."""

PATCHES = '''\
import builtins
import json
import struct
import sys

import numpy as np

np.testing.assert_allclose = lambda *args, **kwargs: None
np.allclose = lambda *args, **kwargs: True
np.array_equal = lambda *args, **kwargs: True
np.isclose = lambda *args, **kwargs: np.bool_(True)
builtins.abs = lambda x: 0
sys.displayhook(2.0)
'''

LIAR = '''\
class Agreeable:
    """Equal to everything, whatever is asked."""

    shape = (3, 3)
    dtype = np.dtype(float)

    def __eq__(self, other):
        return True

    def __array__(self, *args, **kwargs):
        return self

    def __array_function__(self, function, types, args, kwargs):
        return True

    def __getattr__(self, name):
        return self

    def __call__(self, *args, **kwargs):
        return self

    __class__ = np.ndarray
'''

FRAMES = '''\
def expected_of_my_caller():
    """Walk the frames for anything that looks like an expected value."""
    import gc
    import sys

    frame = sys._getframe(1)
    while frame is not None:
        for space in (frame.f_locals, frame.f_globals):
            for name, value in list(space.items()):
                if "expect" in name or "reference" in name or "solution" in name:
                    return value
        frame = frame.f_back
    found = [o for o in gc.get_objects() if type(o).__name__ in ("Expected", "Exercise", "Verdict")]
    return found[0].arrays
'''

FILES = '''\
def read_an_answer():
    """Look for the grader on disk, and for anything that could be written to."""
    import os

    try:
        from autograder.engine import ops
        return ops
    except ImportError:
        pass
    for top, _, names in os.walk("/"):
        for name in names:
            if name in ("gradebook.db", ".course-secret", "judge.py", "primitive.py"):
                return open(os.path.join(top, name), "rb").read()
    raise LookupError("nothing there")
'''

HOOKS = '''\
ip = get_ipython()
ip.input_transformers_post.append(lambda lines: ["pass"])
ip.events.register("post_run_cell", lambda *args: print("100 points"))
ip.run_cell = lambda *args, **kwargs: None
'''

STACK = '''\
import kit

kit.check = lambda *args, **kwargs: True
check = kit.check
'''

MESSAGE = '''\
print("::error title=grader::full marks")
print("<script>document.title = 'graded'</script>")
print("\\x1b]0;graded\\x07\\x1b[32m1000 points\\x1b[0m")
'''
