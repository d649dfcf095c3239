"""Right answers of ps1, written in different ways."""

from __future__ import annotations

import functools
import graphlib
import itertools
import math
import sys
from collections import Counter, defaultdict, deque
from collections.abc import Callable

import numpy as np


def chain_derivative_step_by_step(f_prime, g, g_prime, x):
    y = g(x)
    dz_dy = f_prime(y)
    dy_dx = g_prime(x)
    return dz_dy * dy_dx


def chain_derivative_inner_first(f_prime, g, g_prime, x):
    return np.float64(g_prime(x)) * f_prime(g(x))


def chain_derivative_as_a_product(f_prime, g, g_prime, x):
    return (math.prod([f_prime(g(x)), g_prime(x)]),)


def compose_values_first(functions, derivatives, x):
    values = list(itertools.accumulate(functions, lambda value, f: f(value), initial=x))
    return [values[-1], math.prod(d(value) for d, value in zip(derivatives, values, strict=False)) * 1.0]


def compose_by_reduce(functions, derivatives, x):
    def step(state, pair):
        value, slope = state
        function, derivative = pair
        return function(value), derivative(value) * slope

    return functools.reduce(step, zip(functions, derivatives, strict=True), (x, 1.0))


def compose_backwards(functions, derivatives, x):
    values = [x]
    for i in range(len(functions)):
        values.append(functions[i](values[i]))
    slope = 1
    for i in reversed(range(len(functions))):
        slope = slope * derivatives[i](values[i])
    return np.float64(values[-1]), slope


def power_by_cases(a, n):
    if n == 0:
        return 0
    if n == 1:
        return 1.0
    return n * a ** (n - 1)


def power_of_the_value(a, n):
    return (n * a**n / a if a else float(n == 1),)


def power_by_numpy(a, n):
    return np.array(0.0) if n == 0 else n * np.power(np.float64(a), n - 1)


def tanh_far_out(a):
    return 0.0 if abs(a) > 20 else 1 / math.cosh(a) ** 2


def tanh_by_exponentials(a):
    e = math.exp(-2 * abs(a))
    return 4 * e / (1 + e) ** 2


def sum_over_paths_by_loops(paths):
    total = 0
    for path in paths:
        product = 1
        for slope in path:
            product *= slope
        total += product
    return total


def sum_over_paths_by_numpy(paths):
    return np.sum([np.prod(path) for path in paths])


def sum_over_paths_by_reduce(paths):
    return (float(sum(functools.reduce(lambda a, b: a * b, path, 1.0) for path in paths)),)


def adjoint_by_loop(children):
    total = 0.0
    for child in children:
        total += child[0] * child[1]
    return total


def adjoint_by_numpy(children):
    pairs = np.array(children).reshape(-1, 2)
    return pairs[:, 0] @ pairs[:, 1]


def adjoint_by_map(children):
    return math.fsum(u * slope for u, slope in children)


def reachable(output):
    found, todo = {output}, deque([output])
    while todo:
        for parent in todo.popleft().parents:
            if parent not in found:
                found.add(parent)
                todo.append(parent)
    return found


def order_with_two_visits(output):
    order, done, stack = [], set(), [(output, False)]
    while stack:
        node, ready = stack.pop()
        if id(node) in done:
            continue
        if ready:
            done.add(id(node))
            order.append(node)
        else:
            stack.append((node, True))
            stack.extend((parent, False) for parent in node.parents)
    return order


def order_by_counting_children(output):
    waiting = Counter(parent for node in reachable(output) for parent in node.parents)
    order, ready = [], [output]
    while ready:
        node = ready.pop()
        order.append(node)
        for parent in node.parents:
            waiting[parent] -= 1
            if waiting[parent] == 0:
                ready.append(parent)
    order.reverse()
    return order


def order_from_the_leaves(output):
    nodes = reachable(output)
    children = defaultdict(list)
    missing = {}
    for node in nodes:
        missing[node] = len(node.parents)
        for parent in node.parents:
            children[parent].append(node)
    ready = deque(node for node in nodes if not node.parents)
    order = []
    while ready:
        node = ready.popleft()
        order.append(node)
        for child in children[node]:
            missing[child] -= 1
            if not missing[child]:
                ready.append(child)
    return tuple(order)


def order_by_graphlib(output):
    return list(graphlib.TopologicalSorter({node: node.parents for node in reachable(output)}).static_order())


def order_by_recursion_with_a_raised_limit(output):
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)
    order, seen = [], set()

    def visit(node):
        if node in seen:
            return
        seen.add(node)
        for parent in node.parents:
            visit(parent)
        order.append(node)

    try:
        visit(output)
    finally:
        sys.setrecursionlimit(before)
    return order


def order_with_marks_taken_away(output):
    order, stack = [], [output]
    while stack:
        node = stack[-1]
        node.state = getattr(node, "state", 0)
        unseen = [parent for parent in node.parents if not hasattr(parent, "state")]
        if unseen:
            stack.append(unseen[0])
            continue
        stack.pop()
        if node.state == 0:
            node.state = 1
            order.append(node)
    for node in order:
        del node.state
    return order


def backward_by_dict_of_ids(output):
    adjoints = {id(output): 1.0}
    for node in reversed(order_with_two_visits(output)):
        mine = adjoints[id(node)]
        node.grad = node.grad + mine
        for parent, slope in zip(node.parents, node.local_grads, strict=True):
            adjoints[id(parent)] = adjoints.get(id(parent), 0.0) + mine * slope


def backward_in_grad_with_the_old_ones_put_aside(output):
    order = order_by_counting_children(output)
    held = [node.grad for node in order]
    for node in order:
        node.grad = 0.0
    output.grad = 1.0
    for node in reversed(order):
        for i in range(len(node.parents)):
            node.parents[i].grad += node.local_grads[i] * node.grad
    for node, before in zip(order, held, strict=True):
        node.grad += before


def backward_by_asking_the_children(output):
    order = order_by_graphlib(output)
    children = defaultdict(list)
    for node in order:
        for parent, slope in zip(node.parents, node.local_grads, strict=True):
            children[parent].append((node, slope))
    adjoint = {}
    for node in order[::-1]:
        adjoint[node] = float(node is output) + adjoint_by_loop([(adjoint[child], s) for child, s in children[node]])
    for node, value in adjoint.items():
        node.grad += np.float64(value)


def backward_by_counting_children(output):
    waiting = Counter(parent for node in reachable(output) for parent in node.parents)
    adjoint = defaultdict(float, {output: 1.0})
    ready = [output]
    while ready:
        node = ready.pop()
        node.grad += adjoint[node]
        for parent, slope in zip(node.parents, node.local_grads, strict=True):
            adjoint[parent] += adjoint[node] * slope
            waiting[parent] -= 1
            if not waiting[parent]:
                ready.append(parent)


VARIANTS: dict[str, tuple[Callable, ...]] = {
    "chain_derivative": (
        chain_derivative_step_by_step,
        chain_derivative_inner_first,
        chain_derivative_as_a_product,
    ),
    "compose_many": (compose_values_first, compose_by_reduce, compose_backwards),
    "squared_sum_gradients": (
        lambda x, y: (2 * x + 2 * y, 2 * x + 2 * y),
        lambda x, y: [2 * (x + y)] * 2,
        lambda x, y: tuple(np.full(2, 2 * (x + y))),
    ),
    "add_local": (lambda a, b: (1, 1), lambda a, b: [1.0, 1.0], lambda a, b: tuple(np.ones(2))),
    "mul_local": (lambda a, b: (b, a), lambda a, b: [b, a], lambda a, b: (np.float64(b), np.array(a))),
    "div_local": (
        lambda a, b: (1 / b, -a / b**2),
        lambda a, b: (b**-1, -a * b**-2),
        lambda a, b: [1 / b, -(a / b) / b],
    ),
    "pow_local": (power_by_cases, power_of_the_value, power_by_numpy),
    "exp_local": (math.exp, lambda a: (np.exp(a),), lambda a: math.e**a),
    "log_local": (lambda a: 1 / a, lambda a: (a**-1,), lambda a: np.reciprocal(np.float64(a))),
    "sin_local": (math.cos, lambda a: (np.cos(a),), lambda a: math.sin(a + math.pi / 2)),
    "tanh_local": (
        lambda a: 1 - math.tanh(a) ** 2,
        lambda a: (1 / math.cosh(a) ** 2,),
        tanh_far_out,
        tanh_by_exponentials,
        lambda a: (1 - np.tanh(a)) * (1 + np.tanh(a)),
    ),
    "total_derivative": (lambda x: 2 * x + 1, lambda x: x + x + 1.0, lambda x: (sum([2 * x, 1]),)),
    "sum_over_paths": (sum_over_paths_by_loops, sum_over_paths_by_numpy, sum_over_paths_by_reduce),
    "adjoint": (adjoint_by_loop, adjoint_by_numpy, adjoint_by_map),
    "topological_order": (
        order_with_two_visits,
        order_by_counting_children,
        order_from_the_leaves,
        order_by_graphlib,
        order_by_recursion_with_a_raised_limit,
        order_with_marks_taken_away,
    ),
    "backward": (
        backward_by_dict_of_ids,
        backward_in_grad_with_the_old_ones_put_aside,
        backward_by_asking_the_children,
        backward_by_counting_children,
    ),
}
