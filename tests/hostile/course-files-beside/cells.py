# %% sin_backward
def sin_backward(grad_output, output, x):
    return grad_output * x
