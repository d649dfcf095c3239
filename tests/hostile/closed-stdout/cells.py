# %% mine
import contextlib
import io
import os
import sys

with contextlib.redirect_stdout(io.StringIO()):
    print("hidden")
sys.stdout.close()
print("after")
os.close(1)
os.close(2)
sys.stdout = sys.stderr = None

# %% sin_backward
import sys


def sin_backward(grad_output, output, x):
    sys.stdout = open("log.txt", "a")
    print("computing")
    sys.stdout.close()
    return grad_output * np.cos(x)
