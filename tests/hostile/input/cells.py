# %% exp_backward
import os
import sys

assert sys.stdin.read() == ""
assert os.read(0, 1) == b""


def exp_backward(grad_output, output, x):
    sys.stdin.readline()
    return grad_output * output

# %% sin_backward
def sin_backward(grad_output, output, x):
    return float(input("the gradient? "))
