# %% exp_backward
def exp_backward(grad_output, output, x):
    return np.lib.stride_tricks.as_strided(np.zeros(1), (1 << 20, 1 << 20), (0, 0))

# %% sin_backward
turn = []


def sin_backward(grad_output, output, x):
    turn.append(1)
    return (
        lambda: np.zeros((0, 1 << 40)),
        lambda: np.zeros(3, "M8[s]"),
        lambda: np.zeros(3, [("a", float), ("b", object)]),
        lambda: np.array([np.array([1]), None], dtype=object),
        lambda: np.broadcast_to(np.float64(1), (1 << 30, 1 << 10)),
        lambda: np.zeros(x.shape, "S1000"),
    )[len(turn) % 6]()
