# %% mine
import os

os.environ["OMP_NUM_THREADS"] = "8"
np.ones((300, 300)) @ np.ones((300, 300))
np.linalg.inv(np.eye(200))

# %% sin_backward
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor(4)


def sin_backward(grad_output, output, x):
    return grad_output * pool.submit(np.cos, x).result()
