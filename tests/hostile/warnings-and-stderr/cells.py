# %% sin_backward
import sys
import warnings


def sin_backward(grad_output, output, x):
    warnings.warn("careful")
    np.log(np.zeros(1)), np.zeros(1) / 0
    print("computing ...", file=sys.stderr)
    sys.stderr.write("e" * 100_000)
    print(x)
    return grad_output * np.cos(x)

# %% mine
np.seterr(all="raise")
warnings.simplefilter("error")
