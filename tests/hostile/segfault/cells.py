# %% sin_backward
import ctypes


def sin_backward(grad_output, output, x):
    return ctypes.string_at(0)
