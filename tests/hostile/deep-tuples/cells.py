# %% exp_backward
def exp_backward(grad_output, output, x):
    nested = ()
    for _ in range(20_000):
        nested = (nested,)
    return nested

# %% sin_backward
def sin_backward(grad_output, output, x):
    return tuple(range(60_000))
