# %% sin_backward
import os

calls = []


def sin_backward(grad_output, output, x):
    calls.append(x.tolist())
    if x.size < 100:
        print(len(calls), grad_output.tolist(), output.tolist(), x.tolist())
        os.write(1, repr(x.tolist()).encode())
    return grad_output
