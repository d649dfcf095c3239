#!/usr/bin/env bash
# Gradescope runs this as root when it builds the image: an environment for the grader, and a lock on its answers.
set -euo pipefail
umask 022

source="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
home="$(dirname "$source")"
environment="$home/environment"

# Every python3 on PATH that is new enough and can make an environment, the oldest first: it has the most packages ready
# made. What is found is tried; no version is named here but the oldest that the grader runs on.
find_pythons() {
  local name
  local -a by_minor=()
  for name in $(compgen -c python3.); do
    if [[ "$name" =~ ^python3\.([0-9]+)$ ]]; then
      by_minor[BASH_REMATCH[1]]="$name"
    fi
  done
  for name in "${by_minor[@]}" python3; do
    if "$name" -I -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2> /dev/null; then
      echo "$name"
    fi
  done
}

# Ubuntu 22.04 brings Python 3.10, which is too old, and Debian's Python cannot make environments by itself.
install_python() {
  local name
  local -a by_minor=()
  apt-get update
  for name in $(apt-cache pkgnames python3.); do
    if [[ "$name" =~ ^python3\.([0-9]+)$ ]] && (( BASH_REMATCH[1] >= 11 )); then
      by_minor[BASH_REMATCH[1]]="$name"
    fi
  done
  for name in "${by_minor[@]}"; do
    if DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "$name" "$name-venv"; then
      return
    fi
  done
}

# PyTorch only where the zip has it, and without CUDA: submissions are graded on the processor.
packages=(ci --torch none)
if [[ -f "$source/requirements/ci-torch.txt" ]]; then
  packages=(ci ci-torch --torch cpu)
fi

install_grader() {
  rm -rf "$environment"
  PIP_NO_CACHE_DIR=1 UV_NO_CACHE=1 "$1" -E -s "$source/requirements/install.py" "$environment" "${packages[@]}"
}

pythons="$(find_pythons)"
if [[ -z "$pythons" ]]; then
  install_python || true
  pythons="$(find_pythons)"
fi
if [[ -z "$pythons" ]]; then
  echo "This image has no Python 3.11 or newer that can make an environment, and none could be installed." >&2
  echo "Expected python3, or any python3.11 or later, with venv and ensurepip; got $(python3 -V 2>&1 || true)." >&2
  echo "Choose a newer base image for the autograder." >&2
  exit 1
fi
for python in $pythons; do
  if install_grader "$python"; then
    installed="$python"
    break
  fi
  echo "The grader could not be installed with $python, which is $("$python" -V 2>&1)." >&2
done
if [[ -z "${installed:-}" ]]; then
  echo "The grader could be installed with none of ${pythons//$'\n'/, }. The messages above say why; then build again." >&2
  exit 1
fi
"$environment/bin/python" -I -m pip uninstall --quiet --yes uv || true # 38 MB that nothing needs any more
echo "$source" > "$("$environment/bin/python" -I -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/autograder.pth"
"$environment/bin/python" -I -m compileall -q "$source/autograder"

# Submissions run as a user that owns nothing. It may use Python and its packages; it may not read an answer.
chmod go+x "$home"
chmod -R go=rX "$environment"
chmod -R go= "$source"

# The right answers are worked out here once, not for each submission. They are as secret as the rules that they come from.
export XDG_CACHE_HOME="$home/cache"
rm -rf "$XDG_CACHE_HOME"
mkdir -m 700 "$XDG_CACHE_HOME"
"$environment/bin/python" -I -m autograder prepare --course "$source/course" ||
  echo "The right answers are not kept: each submission will take some seconds longer." >&2
