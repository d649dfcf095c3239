# %% exp_backward
def exp_backward(grad_output, output, x):
    raise KeyboardInterrupt

# %% sin_backward
class Mine(BaseException):
    def __str__(self):
        raise GeneratorExit


def sin_backward(grad_output, output, x):
    raise Mine
