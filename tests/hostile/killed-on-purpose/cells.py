# %% exp_backward
import os
import signal


def exp_backward(grad_output, output, x):
    os.kill(os.getpid(), signal.SIGKILL)

# %% sin_backward
def sin_backward(grad_output, output, x):
    os.abort()
