# %% sin_backward
turn = []


def sin_backward(grad_output, output, x):
    turn.append(1)
    numbers = repr(x.ravel().tolist()[:4])
    if len(turn) % 3 == 0:
        return type(f"array {numbers}", (), {})()
    if len(turn) % 3 == 1:
        return {numbers: numbers}
    return numbers
