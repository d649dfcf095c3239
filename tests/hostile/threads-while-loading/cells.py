# %% sin_backward
import sys
import threading
import time


def sin_backward(grad_output, output, x):
    return grad_output

# %% mine
import gc
import threading
import time


def disturb():
    while True:
        time.sleep(0.001)
        np.cos.__doc__
        globals()["sin_backward"] = lambda grad_output, output, x: grad_output * 2
        gc.collect()


threading.Thread(target=disturb, daemon=True).start()
threading.Thread(target=time.sleep, args=(3600,), daemon=False).start()
