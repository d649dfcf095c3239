# %% exp_backward
def exp_backward(grad_output, output, x):
    return np.lib.stride_tricks.as_strided(np.zeros(1), (1 << 20, 1 << 20), (0, 0))

# %% sin_backward
turn = []


def sin_backward(grad_output, output, x):
    turn.append(1)
    return (
        np.zeros((0, 1 << 62, 3)),
        np.zeros(3, "M8[s]"),
        np.zeros(3, [("a", float), ("b", object)]),
        np.array([np.array([1]), None], dtype=object),
        np.broadcast_to(np.float64(1), (1 << 30, 1 << 10)),
        np.zeros(x.shape, "S1000"),
    )[len(turn) % 6]
