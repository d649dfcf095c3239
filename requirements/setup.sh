#!/bin/sh
# setup.sh THERE PYTHON ARGUMENT...: install.py by the interpreter THERE if it runs, else by PYTHON, which must be new enough.
there=$1 python=$2
shift 2
script=$(dirname "$0")/install.py
if [ -n "$there" ] && [ -x "$there" ] && "$there" -c '' 2>/dev/null; then
  exec "$there" "$script" "$@"
fi
if ! command -v "$python" >/dev/null 2>&1; then
  echo "This course needs Python 3.11 or newer; there is no '$python' here. Name one, for example: make grade PYTHON=python3.11" >&2
  exit 2
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
  echo "This course needs Python 3.11 or newer; '$python' is $("$python" -V 2>&1). Name a newer one, for example: make grade PYTHON=python3.11" >&2
  exit 2
fi
exec "$python" "$script" "$@"
