# %% mine
# waits
import atexit
import os
import signal
import threading
import time
import weakref


def for_ever():
    while True:
        time.sleep(0.01)


for _ in range(3):
    threading.Thread(target=for_ever, daemon=False).start()
atexit.register(for_ever)
weakref.finalize(for_ever, for_ever)
signal.signal(signal.SIGALRM, lambda *args: for_ever())
signal.setitimer(signal.ITIMER_REAL, 0.5, 0.1)
os.register_at_fork(after_in_child=for_ever)

# %% sin_backward
def sin_backward(grad_output, output, x):
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join()
