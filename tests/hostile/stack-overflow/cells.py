# %% exp_backward
def exp_backward(grad_output, output, x):
    return exp_backward(grad_output, output, x)

# %% sin_backward
import sys


class Deep:
    pass


def sin_backward(grad_output, output, x):
    sys.setrecursionlimit(1 << 30)
    chain = None
    for _ in range(100_000):
        chain = [chain]
    return repr(chain) if x.ndim == 1 else 0
