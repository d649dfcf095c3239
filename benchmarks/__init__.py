"""Measurements: throughput against stock nbgrader, the engine against autograd and PyTorch."""
