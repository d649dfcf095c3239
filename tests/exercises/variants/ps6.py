"""Right repairs of ps6 written in other ways: other idioms, other orders, custom autograd functions, helpers."""

from __future__ import annotations

import contextlib
import itertools

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn


def backward_by_functional_loss(model, x, target):
    loss = F.mse_loss(model(x), target)
    loss.backward()
    return float(loss)


def backward_by_autograd(model, x, target):
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    loss = (model(x) - target).pow(2).mean()
    for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
        parameter.grad = gradient if parameter.grad is None else parameter.grad + gradient
    return loss.detach().item()


def backward_by_module(model, x, target):
    criterion = nn.MSELoss()
    output = model(x)
    loss = criterion(output, target)
    value = loss.tolist()
    torch.autograd.backward(loss)
    return value


def log_by_item(loss):
    return loss.item()


def log_by_float(loss):
    return float(loss)


def log_by_detach(loss):
    return float(loss.detach().numpy())


def log_by_list(loss):
    with torch.no_grad():
        return (loss * 1.0).tolist()


def coder_in_lines(encoder, decoder, loss_fn, x, target):
    h = encoder(x)
    out = decoder(h)
    loss = loss_fn(out, target)
    loss.backward()
    return loss.item()


def coder_returning_a_bare_tensor(encoder, decoder, loss_fn, x, target):
    loss = loss_fn(decoder(encoder(x)), target)
    loss.backward()
    return loss.detach()


def coder_as_one_module(encoder, decoder, loss_fn, x, target):
    whole = nn.Sequential(encoder, decoder)
    loss = loss_fn(whole(x), target)
    torch.autograd.backward([loss])
    return float(loss)


def coder_in_two_pulls(encoder, decoder, loss_fn, x, target):
    h = encoder(x)
    cut = h.detach().requires_grad_()
    loss = loss_fn(decoder(cut), target)
    loss.backward()
    h.backward(cut.grad)
    return loss.item()


def frozen_by_detach(encoder, decoder, loss_fn, x, target):
    loss = loss_fn(decoder(encoder(x).detach()), target)
    loss.backward()
    return loss.item()


def frozen_by_autograd(encoder, decoder, loss_fn, x, target):
    loss = loss_fn(decoder(encoder(x)), target)
    parameters = list(decoder.parameters())
    loss.backward(inputs=parameters)
    return loss.detach()


def frozen_by_flags_for_a_while(encoder, decoder, loss_fn, x, target):
    flags = [(parameter, parameter.requires_grad) for parameter in encoder.parameters()]
    for parameter, _ in flags:
        parameter.requires_grad_(False)
    try:
        loss = loss_fn(decoder(encoder(x)), target)
        loss.backward()
    finally:
        for parameter, flag in flags:
            parameter.requires_grad_(flag)
    return float(loss)


def frozen_by_no_grad(encoder, decoder, loss_fn, x, target):
    with torch.no_grad():
        h = encoder(x)
    loss = loss_fn(decoder(h), target)
    loss.backward()
    return loss.item()


def classification_by_log_softmax(logits, target):
    return F.nll_loss(F.log_softmax(logits, dim=-1), target)


def classification_by_gather(logits, target):
    picked = logits.gather(1, target.unsqueeze(1)).squeeze(1)
    return (logits.logsumexp(dim=1) - picked).mean()


def classification_by_one_hot(logits, target):
    shifted = logits - logits.max(dim=1, keepdim=True).values.detach()
    log_probabilities = shifted - shifted.exp().sum(dim=1, keepdim=True).log()
    return -(F.one_hot(target, logits.shape[1]) * log_probabilities).sum() / len(target)


def classification_by_module(logits, target):
    return nn.CrossEntropyLoss()(logits, target)


def soft_argmax_by_matmul(logits, temperature=1.0):
    weights = F.softmax(logits / temperature, dim=-1)
    return weights @ torch.arange(logits.shape[-1], dtype=weights.dtype)


def soft_argmax_by_loop(logits, temperature=1.0):
    weights = (logits / temperature).softmax(-1)
    total = torch.zeros(logits.shape[:-1])
    for k in range(logits.shape[-1]):
        total = total + k * weights[..., k]
    return total


def soft_argmax_by_exponentials(logits, temperature=1.0):
    scaled = logits / temperature
    e = torch.exp(scaled - scaled.amax(dim=-1, keepdim=True).detach())
    return (e * torch.arange(float(logits.shape[-1]))).sum(-1) / e.sum(-1)


def one_hot_by_function(logits):
    class OneHotFunction(torch.autograd.Function):
        @staticmethod
        def forward(ctx, logits):
            soft = logits.softmax(dim=-1)
            ctx.save_for_backward(soft)
            return F.one_hot(logits.argmax(dim=-1), logits.shape[-1]).to(logits.dtype)

        @staticmethod
        def backward(ctx, grad_output):
            (soft,) = ctx.saved_tensors
            return soft * (grad_output - (grad_output * soft).sum(dim=-1, keepdim=True))

    return OneHotFunction.apply(logits)


def one_hot_by_detach_trick(logits):
    soft = logits.softmax(dim=-1)
    hard = torch.zeros_like(soft).scatter(-1, soft.argmax(dim=-1, keepdim=True), 1.0)
    return soft + (hard - soft).detach()


def one_hot_by_comparison(logits):
    soft = logits.softmax(dim=-1)
    hard = (torch.arange(logits.shape[-1]) == logits.argmax(dim=-1, keepdim=True)).float()
    return (hard - soft).detach() + soft


def one_hot_by_identity_matrix(logits):
    soft = F.softmax(logits, dim=-1)
    with torch.no_grad():
        correction = torch.eye(logits.shape[-1])[logits.argmax(dim=-1)] - soft
    return soft + correction


def predict_by_max(logits):
    return logits.max(dim=-1).indices


def predict_by_softmax(logits):
    with torch.no_grad():
        return logits.softmax(dim=-1).argmax(dim=-1)


def predict_by_sorting(logits):
    return torch.topk(logits.detach(), 1, dim=-1).indices.squeeze(-1)


def predict_by_numpy(logits):
    return torch.tensor(np.argmax(logits.detach().numpy(), axis=-1))


def quantized_by_function(x):
    class RoundFunction(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return torch.round(x)

        @staticmethod
        def backward(ctx, grad_output):
            return grad_output

    return RoundFunction.apply(x)


def quantized_by_detach_trick(x):
    return x + (x.round() - x).detach()


def quantized_by_no_grad(x):
    with torch.no_grad():
        correction = torch.round(x) - x
    return correction + x


def quantized_by_two_detached_terms(x):
    rounded = torch.round(x.detach())
    return rounded + x - x.detach()


def features_by_module(model, x, target):
    return nn.MSELoss()(nn.Tanh()(model(x)), target)


def features_by_function(model, x, target):
    return F.mse_loss(model(x).tanh(), target)


def features_by_exponentials(model, x, target):
    output = model(x)
    features = 2.0 * torch.sigmoid(2.0 * output) - 1.0
    return (features - target).square().sum() / target.numel()


def plot_by_detach(tensor):
    return tensor.detach().numpy()


def plot_by_copy(tensor):
    return tensor.detach().cpu().clone().numpy()


def plot_by_array(tensor):
    return np.array(tensor.detach())


def plot_by_no_grad(tensor):
    with torch.no_grad():
        return (tensor + 0).numpy()


def scaled_by_module(model, x, target, scale):
    return nn.functional.mse_loss(model(x), target) * scale


def scaled_by_mul(model, x, target, scale):
    loss = ((model(x) - target) ** 2).mean()
    return loss.mul(scale)


def scaled_inside_the_mean(model, x, target, scale):
    return (scale * (model(x) - target).pow(2)).mean()


def scaled_by_tensor(model, x, target, scale):
    return torch.as_tensor(scale, dtype=torch.float32) * F.mse_loss(model(x), target)


def leaf_by_clone(tensor):
    return tensor.clone().detach().requires_grad_(True)


def leaf_by_tensor(tensor):
    return torch.tensor(tensor.detach().numpy(), requires_grad=True)


def leaf_by_parameter(tensor):
    return nn.Parameter(tensor.detach().clone())


def leaf_by_copy(tensor):
    made = torch.empty_like(tensor, requires_grad=True)
    with torch.no_grad():
        made.copy_(tensor)
    return made


def step_clearing_first(model, optimizer, x, target):
    optimizer.zero_grad()
    loss = F.mse_loss(model(x), target)
    loss.backward()
    optimizer.step()
    return loss.item()


def step_clearing_before_backward(model, optimizer, x, target):
    prediction = model(x)
    loss = nn.MSELoss()(prediction, target)
    optimizer.zero_grad(set_to_none=False)
    loss.backward()
    optimizer.step()
    return float(loss)


def step_by_closure(model, optimizer, x, target):
    def closure():
        optimizer.zero_grad()
        loss = ((model(x) - target) ** 2).mean()
        loss.backward()
        return loss

    return optimizer.step(closure).item()


def step_by_model_clearing(model, optimizer, x, target):
    model.zero_grad()
    with torch.enable_grad():
        loss = (model(x) - target).square().mean()
    value = loss.detach().item()
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return value


@contextlib.contextmanager
def in_eval_mode(model):
    modes = {part: part.training for part in model.modules()}
    model.eval()
    try:
        yield model
    finally:
        for part, training in modes.items():
            part.training = training


def evaluate_by_context(model, x):
    with in_eval_mode(model), torch.no_grad():
        return model(x)


def evaluate_by_inference_mode(model, x):
    modes = [part.training for part in model.modules()]
    model.eval()
    try:
        with torch.inference_mode():
            output = model(x)
    finally:
        for part, training in zip(model.modules(), modes, strict=True):
            part.training = training
    return output


def evaluate_by_detach(model, x):
    training = {name for name, part in model.named_modules() if part.training}
    try:
        return model.eval()(x).detach()
    finally:
        for name, part in model.named_modules():
            part.training = name in training


def epoch_by_loop(model, optimizer, batches):
    losses = []
    for x, target in batches:
        optimizer.zero_grad()
        loss = F.mse_loss(model(x), target)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def epoch_by_comprehension(model, optimizer, batches):
    return [step_clearing_before_backward(model, optimizer, x, target) for x, target in batches]


def epoch_with_numbers_at_the_end(model, optimizer, batches):
    losses = []
    optimizer.zero_grad()
    for x, target in batches:
        loss = ((model(x) - target) ** 2).mean()
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.detach())
    return [float(loss) for loss in losses]


def accumulated_by_weights(model, optimizer, micro_batches):
    total = sum(len(x) for x, _ in micro_batches)
    optimizer.zero_grad()
    value = 0.0
    for x, target in micro_batches:
        loss = F.mse_loss(model(x), target) * (len(x) / total)
        loss.backward()
        value += loss.item()
    optimizer.step()
    return value


def accumulated_as_one_batch(model, optimizer, micro_batches):
    optimizer.zero_grad()
    difference = [model(x) - target for x, target in micro_batches]
    loss = (torch.cat(difference) ** 2).mean()
    loss.backward()
    optimizer.step()
    return loss.item()


def accumulated_and_divided_afterwards(model, optimizer, micro_batches):
    optimizer.zero_grad()
    total, entries = 0.0, 0
    for x, target in micro_batches:
        loss = F.mse_loss(model(x), target, reduction="sum")
        loss.backward()
        total, entries = total + loss.item(), entries + target.numel()
    for parameter in model.parameters():
        if parameter.grad is not None:
            parameter.grad /= entries
    optimizer.step()
    return total / entries


def stack_by_module_list(sizes):
    class Stack(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.ModuleList(nn.Linear(n, m) for n, m in itertools.pairwise(sizes))

        def forward(self, x):
            for layer in self.layers[:-1]:
                x = F.relu(layer(x))
            return self.layers[-1](x)

    return Stack()


def stack_by_sequential(sizes):
    class Stack(nn.Module):
        def __init__(self):
            super().__init__()
            layers = []
            for n, m in itertools.pairwise(sizes):
                layers += [nn.Linear(n, m), nn.ReLU()]
            self.net = nn.Sequential(*layers[:-1])

        def forward(self, x):
            return self.net(x)

    return Stack()


def stack_by_names(sizes):
    class Stack(nn.Module):
        def __init__(self):
            super().__init__()
            self.count = len(sizes) - 1
            for k in range(self.count):
                setattr(self, f"layer{k}", nn.Linear(sizes[k], sizes[k + 1]))

        def forward(self, x):
            for k in range(self.count):
                x = getattr(self, f"layer{k}")(x if k == 0 else torch.relu(x))
            return x

    return Stack()


def stack_by_parameters(sizes):
    class Stack(nn.Module):
        def __init__(self):
            super().__init__()
            self.values = nn.ParameterList()
            for n, m in itertools.pairwise(sizes):
                self.values.append(nn.Parameter(torch.randn(m, n) / n**0.5))
                self.values.append(nn.Parameter(torch.zeros(m)))

        def forward(self, x):
            for k in range(0, len(self.values), 2):
                x = F.linear(torch.relu(x) if k else x, self.values[k], self.values[k + 1])
            return x

    return Stack()


def sgd_in_no_grad(parameters, lr):
    with torch.no_grad():
        for parameter in parameters:
            if parameter.grad is not None:
                parameter.sub_(lr * parameter.grad)


def sgd_through_data(parameters, lr):
    for parameter in parameters:
        if parameter.grad is not None:
            parameter.data -= lr * parameter.grad
            parameter.grad.zero_()


def sgd_by_copy(parameters, lr):
    moving = [parameter for parameter in parameters if parameter.grad is not None]
    with torch.no_grad():
        for parameter in moving:
            parameter.copy_(parameter - lr * parameter.grad)
            parameter.grad = None


def sgd_by_optimizer(parameters, lr):
    torch.optim.SGD(list(parameters), lr=lr).step()


def shifted_by_plus(x):
    return torch.sigmoid(x) + 1


def shifted_by_clone(x):
    y = torch.sigmoid(x).clone()
    y += 1
    return y


def shifted_by_exponential(x):
    return 1.0 + 1.0 / (1.0 + torch.exp(-x))


def shifted_before_saving(x):
    y = torch.tanh(0.5 * x) * 0.5
    y += 1.5
    return y


def capped_by_minimum(x):
    return torch.minimum(torch.exp(x), torch.tensor(2.0))


def capped_by_where(x):
    y = torch.exp(x)
    return torch.where(y > 2.0, torch.full_like(y, 2.0), y)


def capped_by_relu(x):
    return 2.0 - F.relu(2.0 - torch.exp(x))


def capped_on_a_clone(x):
    y = torch.exp(x).clone()
    y[y > 2.0] = 2.0
    return y


def chunks_by_detach(cell, head, chunks, targets, optimizer):
    h, losses = None, []
    for chunk, target in zip(chunks, targets, strict=True):
        for x in chunk:
            h = cell(x, h)
        loss = F.mse_loss(head(h), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        h = h.detach()
    return losses


def chunks_by_detach_in_place(cell, head, chunks, targets, optimizer):
    state = torch.zeros(len(targets[0]), cell.hidden_size)
    losses = []
    for k in range(len(chunks)):
        optimizer.zero_grad()
        state = state.detach()
        for t in range(len(chunks[k])):
            state = cell(chunks[k][t], state)
        loss = ((head(state) - targets[k]) ** 2).mean()
        loss.backward()
        optimizer.step()
        losses.append(float(loss))
        state.detach_()
    return losses


def chunks_by_new_tensor(cell, head, chunks, targets, optimizer):
    def one_chunk(chunk, target, start):
        h = torch.tensor(start)
        for x in chunk:
            h = cell(x, h)
        loss = (head(h) - target).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item(), h.detach().numpy().copy()

    state = np.zeros((chunks[0].shape[1], cell.hidden_size), dtype=np.float32)
    losses = []
    for chunk, target in zip(chunks, targets, strict=True):
        loss, state = one_chunk(chunk, target, state)
        losses.append(loss)
    return losses


def product_by_autograd(f, x, v):
    point = x.detach().clone().requires_grad_()
    return torch.autograd.grad(f(point), point, grad_outputs=v)[0]


def product_by_backward(f, x, v):
    point = x.detach().clone().requires_grad_()
    f(point).backward(v)
    return point.grad


def product_by_sum(f, x, v):
    point = x.detach().requires_grad_()
    (f(point) * v).sum().backward()
    return point.grad


def product_by_functional(f, x, v):
    return torch.autograd.functional.vjp(f, x.detach(), v)[1]


def likelihood_by_log_softmax(logits, target):
    return -logits.log_softmax(dim=-1)[torch.arange(len(target)), target].mean()


def paired_by_flatten(prediction, target):
    return F.mse_loss(prediction.flatten(), target.flatten())


def paired_by_columns(prediction, target):
    difference = prediction.view(-1, 1) - target.view(-1, 1)
    return difference.square().sum() / len(difference)


def paired_by_view_as(prediction, target):
    return nn.MSELoss()(prediction, target.reshape(prediction.shape))


def columns_by_transpose(x):
    return x.transpose(0, 1)


def columns_by_permute(x):
    return x.permute(1, 0).contiguous()


def columns_by_stack(x):
    return torch.stack([x[:, c] for c in range(x.shape[1])])


def columns_by_einsum(x):
    return torch.einsum("nc->cn", x)


def prediction_by_context(model, x):
    with in_eval_mode(model):
        return model(x)


def prediction_without_graph(model, x):
    with in_eval_mode(model), torch.no_grad():
        return model(x)


def prediction_by_lists(model, x):
    parts = list(model.modules())
    flags = [part.training for part in parts]
    model.train(False)
    output = model(x)
    for part, flag in zip(parts, flags, strict=True):
        part.training = flag
    return output


def samples_by_stack(model, x, samples):
    with in_eval_mode(model), torch.no_grad():
        for part in model.modules():
            if isinstance(part, nn.Dropout):
                part.train()
        return torch.stack([model(x) for _ in range(samples)])


def samples_with_graph(model, x, samples):
    with in_eval_mode(model):
        for part in model.modules():
            if type(part).__name__.startswith("Dropout"):
                part.training = True
        outputs = torch.empty(0)
        for _ in range(samples):
            outputs = torch.cat([outputs, model(x).unsqueeze(0)])
        return outputs


def samples_in_one_batch(model, x, samples):
    with in_eval_mode(model), torch.no_grad():
        model.apply(lambda part: part.train() if isinstance(part, nn.Dropout) else None)
        output = model(x.repeat(samples, *[1] * (x.ndim - 1)))
    return output.reshape(samples, len(x), *output.shape[1:])


def clipped_by_library(model, optimizer, x, target, max_norm):
    optimizer.zero_grad()
    loss = F.mse_loss(model(x), target)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss.item()


def clipped_by_hand(model, optimizer, x, target, max_norm):
    optimizer.zero_grad()
    loss = ((model(x) - target) ** 2).mean()
    loss.backward()
    gradients = [parameter.grad for parameter in model.parameters()]
    norm = sum(float((gradient**2).sum()) for gradient in gradients) ** 0.5
    if norm > max_norm:
        for gradient in gradients:
            gradient *= max_norm / norm
    optimizer.step()
    return float(loss)


def clipped_before_assigning(model, optimizer, x, target, max_norm):
    parameters = list(model.parameters())
    loss = (model(x) - target).pow(2).mean()
    gradients = torch.autograd.grad(loss, parameters)
    norm = torch.cat([gradient.flatten() for gradient in gradients]).norm()
    factor = torch.clamp(max_norm / norm, max=1.0)
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = factor * gradient
    optimizer.step()
    return loss.item()


def td_by_detach(online, target_net, x, reward, next_x, gamma):
    wanted = reward + gamma * target_net(next_x).detach()
    return F.mse_loss(online(x), wanted)


def td_by_no_grad(online, target_net, x, reward, next_x, gamma):
    with torch.no_grad():
        wanted = reward + gamma * target_net(next_x)
    return (online(x) - wanted).square().mean()


def td_by_detached_sum(online, target_net, x, reward, next_x, gamma):
    difference = online(x) - (reward + gamma * target_net(next_x)).detach()
    return (difference**2).sum() / len(x)


def root_by_two_wheres(x):
    safe = torch.where(x > 0, x, 1.0)
    return torch.where(x > 0, safe.sqrt(), 0.0)


def root_by_mask(x):
    mask = x > 0
    return torch.zeros_like(x).masked_scatter(mask, torch.sqrt(x[mask]))


def root_by_masked_fill(x):
    inside = x.masked_fill(x <= 0, 1.0)
    return torch.sqrt(inside) * (x > 0)


def root_by_function(x):
    class RootFunction(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            root = x.clamp(min=0.0).sqrt()
            ctx.save_for_backward(root)
            return root

        @staticmethod
        def backward(ctx, grad_output):
            (root,) = ctx.saved_tensors
            return torch.where(root > 0, 0.5 * grad_output / root, torch.zeros_like(root))

    return RootFunction.apply(x)


def weight_by_flag(shape, scale, generator):
    return (torch.randn(shape, generator=generator) * scale).requires_grad_()


def weight_by_parameter(shape, scale, generator):
    return nn.Parameter(scale * torch.randn(*shape, generator=generator))


def weight_by_detach(shape, scale, generator):
    made = torch.randn(shape, generator=generator, requires_grad=True) * scale
    return made.detach().requires_grad_()


def weight_in_place(shape, scale, generator):
    made = torch.randn(shape, generator=generator, requires_grad=True)
    with torch.no_grad():
        made *= scale
    return made


def lookup_by_matmul(weights, table):
    return torch.matmul(weights, table)


def lookup_by_einsum(weights, table):
    return torch.einsum("nk,kd->nd", weights, table)


def lookup_by_sum(weights, table):
    return (weights[:, :, None] * table[None]).sum(dim=1)


def lookup_by_loop(weights, table):
    return torch.stack([sum(w * row for w, row in zip(line, table, strict=True)) for line in weights])


def running_by_items(losses):
    return float(sum(loss.item() for loss in losses))


def running_by_loop(losses):
    total = 0.0
    for loss in losses:
        total += float(loss)
    return total


def running_by_detached_stack(losses):
    if not losses:
        return 0.0
    return torch.stack([loss.detach() for loss in losses]).sum().item()


def running_by_no_grad(losses):
    with torch.no_grad():
        return float(sum(losses))


VARIANTS = {
    "backward_from_loss": (backward_by_functional_loss, backward_by_autograd, backward_by_module),
    "loss_for_log": (log_by_item, log_by_float, log_by_detach, log_by_list),
    "encoder_decoder_step": (
        coder_in_lines,
        coder_returning_a_bare_tensor,
        coder_as_one_module,
        coder_in_two_pulls,
    ),
    "frozen_encoder_step": (
        frozen_by_detach,
        frozen_by_autograd,
        frozen_by_flags_for_a_while,
        frozen_by_no_grad,
    ),
    "classification_loss": (
        classification_by_log_softmax,
        classification_by_gather,
        classification_by_one_hot,
        classification_by_module,
    ),
    "soft_argmax": (soft_argmax_by_matmul, soft_argmax_by_loop, soft_argmax_by_exponentials),
    "straight_through_one_hot": (
        one_hot_by_function,
        one_hot_by_detach_trick,
        one_hot_by_comparison,
        one_hot_by_identity_matrix,
    ),
    "predict": (predict_by_max, predict_by_softmax, predict_by_sorting, predict_by_numpy),
    "quantized_forward": (
        quantized_by_function,
        quantized_by_detach_trick,
        quantized_by_no_grad,
        quantized_by_two_detached_terms,
    ),
    "feature_loss": (features_by_module, features_by_function, features_by_exponentials),
    "to_numpy_for_plot": (plot_by_detach, plot_by_copy, plot_by_array, plot_by_no_grad),
    "scaled_loss": (scaled_by_module, scaled_by_mul, scaled_inside_the_mean, scaled_by_tensor),
    "new_leaf": (leaf_by_clone, leaf_by_tensor, leaf_by_parameter, leaf_by_copy),
    "train_step": (
        step_clearing_first,
        step_clearing_before_backward,
        step_by_closure,
        step_by_model_clearing,
    ),
    "evaluate": (evaluate_by_context, evaluate_by_inference_mode, evaluate_by_detach),
    "train_epoch": (epoch_by_loop, epoch_by_comprehension, epoch_with_numbers_at_the_end),
    "accumulate_epoch": (
        accumulated_by_weights,
        accumulated_as_one_batch,
        accumulated_and_divided_afterwards,
    ),
    "ordered_step": (
        step_clearing_first,
        step_clearing_before_backward,
        step_by_closure,
        step_by_model_clearing,
    ),
    "Stack": (stack_by_module_list, stack_by_sequential, stack_by_names, stack_by_parameters),
    "manual_sgd": (sgd_in_no_grad, sgd_through_data, sgd_by_copy, sgd_by_optimizer),
    "shifted_sigmoid": (shifted_by_plus, shifted_by_clone, shifted_by_exponential, shifted_before_saving),
    "data_edit": (capped_by_minimum, capped_by_where, capped_by_relu, capped_on_a_clone),
    "train_chunks": (chunks_by_detach, chunks_by_detach_in_place, chunks_by_new_tensor),
    "vector_jacobian_product": (
        product_by_autograd,
        product_by_backward,
        product_by_sum,
        product_by_functional,
    ),
    "log_likelihood": (
        classification_by_log_softmax,
        classification_by_gather,
        classification_by_one_hot,
        likelihood_by_log_softmax,
    ),
    "paired_mse": (paired_by_flatten, paired_by_columns, paired_by_view_as),
    "to_columns": (columns_by_transpose, columns_by_permute, columns_by_stack, columns_by_einsum),
    "predict_with_dropout_off": (prediction_by_context, prediction_without_graph, prediction_by_lists),
    "mc_dropout": (samples_by_stack, samples_with_graph, samples_in_one_batch),
    "clipped_step": (clipped_by_library, clipped_by_hand, clipped_before_assigning),
    "td_loss": (td_by_detach, td_by_no_grad, td_by_detached_sum),
    "safe_sqrt": (root_by_two_wheres, root_by_mask, root_by_masked_fill, root_by_function),
    "make_weight": (weight_by_flag, weight_by_parameter, weight_by_detach, weight_in_place),
    "soft_lookup": (lookup_by_matmul, lookup_by_einsum, lookup_by_sum, lookup_by_loop),
    "running_loss": (running_by_items, running_by_loop, running_by_detached_stack, running_by_no_grad),
}
