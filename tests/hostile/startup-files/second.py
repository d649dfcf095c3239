# %% sin_backward
import builtins


def sin_backward(grad_output, output, x):
    assert not hasattr(builtins, "planted")
    return grad_output * np.cos(x)
