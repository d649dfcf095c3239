# %% mine
import random
import sys
import warnings

np.random.seed(0)
random.seed(1)
np.set_printoptions(precision=1, threshold=2)
np.seterr(all="raise")
warnings.filterwarnings("error")
sys.setrecursionlimit(50_000)
np.errstate(all="raise").__enter__()

# %% sin_backward
def sin_backward(grad_output, output, x):
    noise = np.random.normal(size=x.shape)
    return grad_output * np.cos(x) + 0 * noise
