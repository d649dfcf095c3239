# %% sin_backward
def sin_backward(grad_output, output, x):
    while True:
        pass
