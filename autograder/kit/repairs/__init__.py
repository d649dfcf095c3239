"""Adapters for PyTorch programs: arrays go in, modules and optimizers are built from them, and what happened comes out.

Each adapter runs the student's function, once or over a few steps, and gives per parameter the gradient or None, the
losses, and what else is asked, as plain data. PyTorch is imported when an adapter is called, never before. The helpers
take the module ``torch`` as their first argument.
"""
