#!/usr/bin/env bash
# Gradescope runs this as root when it builds the image: an environment for the grader, and a lock on its answers.
set -euo pipefail
umask 022

source="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
home="$(dirname "$source")"
environment="$home/environment"

# Ubuntu 22.04 brings Python 3.10, which is too old; later images bring one that will do.
find_python() {
  local candidate
  for candidate in python3.11 python3.12 python3.13; do
    if command -v "$candidate" >/dev/null && "$candidate" -m ensurepip --version >/dev/null 2>&1; then
      echo "$candidate"
      return
    fi
  done
  return 1
}

install_python() {
  local candidate
  apt-get update
  for candidate in python3.12 python3.11 python3.13; do
    if DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "$candidate" "$candidate-venv"; then
      return
    fi
  done
  echo "This image has no Python 3.11 or newer: choose a newer base image for the autograder." >&2
  return 1
}

find_python >/dev/null || install_python
"$(find_python)" -m venv "$environment"
"$environment/bin/python" -m pip install --quiet --disable-pip-version-check --no-cache-dir \
  --constraint "$source/constraints.txt" --requirement "$source/requirements.txt"
echo "$source" > "$("$environment/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/autograder.pth"
"$environment/bin/python" -m compileall -q "$source/autograder"

# Submissions run as a user that owns nothing. It may use Python and its packages; it may not read an answer.
chmod go+x "$home"
chmod -R go=rX "$environment"
chmod -R go= "$source"
