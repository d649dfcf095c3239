# %% sin_backward
def sin_backward(grad_output, output, x):
    return grad_output * np.cos(x)

# %% after sin_backward-check
def sin_backward(grad_output, output, x):
    return grad_output * 7

# %% after multiplications-check
reverse_multiplications, forward_multiplications = 0, 0
