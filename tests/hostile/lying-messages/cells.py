# %% exp_backward
class Name(str):
    def __getitem__(self, item):
        raise KeyboardInterrupt

    def __len__(self):
        return -1


class Loud(Exception):
    def __str__(self):
        return Name("loud" * 1000)

    __repr__ = __str__


Loud.__name__ = Name("N" * 5000)


def exp_backward(grad_output, output, x):
    raise Loud

# %% sin_backward
class Endless(Exception):
    def __str__(self):
        raise Endless

    __repr__ = __str__

    @property
    def __traceback__(self):
        return self

    tb_frame = property(lambda self: self)


def sin_backward(grad_output, output, x):
    raise Endless
