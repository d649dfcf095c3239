# %% sin_backward
def slope(x):
    return np.cos(x)


def sin_backward(grad_output, output, x):
    return grad_output * slope(x)

# %% after multiplications-check
del slope
np.cos = np.sin
np = sum = print = None
