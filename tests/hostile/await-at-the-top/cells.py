# %% sin_backward
import asyncio


async def factor(x):
    await asyncio.sleep(0)
    return np.cos(x)


checked = await factor(np.zeros(2))


def sin_backward(grad_output, output, x):
    return grad_output * asyncio.new_event_loop().run_until_complete(factor(x))
