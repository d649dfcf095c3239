"""Multiple paths: contributions along several routes."""

from __future__ import annotations

from kit.declare import Function, Stored
from kit.draws import as_is

TOTAL_DERIVATIVE = Function(
    name="total_derivative",
    signature="total_derivative(x)",
    statement="The derivative of z = x^2 + x, which x reaches along two paths.",
    stored=(
        Stored("at 3", {"x": 3.0}, 7.0),
        Stored("at -2", {"x": -2.0}, -3.0),
        Stored("at 0", {"x": 0.0}, 1.0),
        Stored("at -0.5, where the paths cancel", {"x": -0.5}, 0.0),
    ),
    results=("dz/dx",),
)

SUM_OVER_PATHS = Function(
    name="sum_over_paths",
    signature="sum_over_paths(paths)",
    statement="The total derivative from a list of paths, each a list of the local derivatives along it.",
    stored=(
        Stored("x^2 + x at 3", {"paths": as_is([[6.0, 1.0], [1.0, 1.0]])}, 7.0),
        Stored("one path of three steps", {"paths": as_is([[2.0, -3.0, 0.5]])}, -3.0),
        Stored("three paths of different length", {"paths": as_is([[2.0], [3.0, 5.0], [1.0, -4.0, 0.5]])}, 15.0),
        Stored("a path through a zero", {"paths": as_is([[2.0, 0.0, 7.0], [4.0]])}, 4.0),
        Stored("one path of no steps: the variable is the output", {"paths": as_is([[]])}, 1.0),
        Stored("no path at all", {"paths": as_is([])}, 0.0),
    ),
    results=("total derivative",),
)

ADJOINT = Function(
    name="adjoint",
    signature="adjoint(children)",
    statement=(
        "The adjoint dL/dv of a variable v, from a list of pairs: for each child u of v its adjoint dL/du and the "
        "local derivative du/dv."
    ),
    stored=(
        Stored("one child", {"children": as_is([(2.0, 3.0)])}, 6.0),
        Stored("two children", {"children": as_is([(1.0, 6.0), (1.0, 1.0)])}, 7.0),
        Stored("three children", {"children": as_is([(2.0, -1.0), (0.5, 4.0), (-3.0, 0.25)])}, -0.75),
        Stored("a child that the loss ignores", {"children": as_is([(0.0, 5.0), (2.0, 0.5)])}, 1.0),
        Stored("no child", {"children": as_is([])}, 0.0),
    ),
    results=("adjoint",),
)
