# %% mine
import os

print("x" * 200_000_000)
for _ in range(200):
    try:
        os.write(1, b"x" * 1_000_000)
    except OSError:
        break

# %% sin_backward
def sin_backward(grad_output, output, x):
    if x.ndim == 2:
        return 0
    raise ValueError("y" * 20_000_000)
