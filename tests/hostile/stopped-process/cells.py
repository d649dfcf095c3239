# %% mine
# waits

# %% sin_backward
import os
import signal


def sin_backward(grad_output, output, x):
    os.kill(os.getpid(), signal.SIGSTOP)
