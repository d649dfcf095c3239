# %% exp_backward
def exp_backward(grad_output, output, x):
    return exp_backward(grad_output, output, x)

# %% sin_backward
import sys


def deep(_):
    return max([1], key=deep)


def sin_backward(grad_output, output, x):
    sys.setrecursionlimit(1 << 30)
    return deep(0)
