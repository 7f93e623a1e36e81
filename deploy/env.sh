# shellcheck shell=bash
# Sourced by deploy/run and tests/run; bash 3.2 (macOS) is enough.
# Finds a Python, hands over to deploy/environment.py, and leaves the checkout's root in $root, its Python in $python.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck disable=SC2034 # read by the sourcing script
python="$root/.venv/bin/python"

# An empty HOME makes pip and others write to /; with none they ask the password database.
[ -n "${HOME:-}" ] || unset HOME

# A relative LIVING_HOME is relative to where the caller stands, not to the checkout.
case "${LIVING_HOME:-/}" in
  /*) ;;
  *) export LIVING_HOME="$PWD/$LIVING_HOME" ;;
esac

# A name on PATH is not yet a Python: version managers leave shims that only print an error, so each one is asked.
find_python() {
  local name
  for name in python3.14 python3.13 python3.12 python3.11 python3 python; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
      command -v "$name"
      return
    fi
  done
  if command -v python3 >/dev/null 2>&1 && python3 -V >/dev/null 2>&1; then
    echo "This needs Python 3.11 or newer; what is here is $(python3 -V 2>&1)." >&2
  else
    echo "This needs Python 3.11 or newer; none was found on PATH." >&2
  fi
  case "$(uname -s)" in
    Darwin) echo "Install it (for example: brew install python@3.13), then start this again." >&2 ;;
    *) echo "Install it (Debian, Ubuntu: apt install python3 python3-venv), then start this again." >&2 ;;
  esac
  return 7
}

# make_environment runtime|dev: returns in a blink when .venv already holds what the lock says.
make_environment() {
  local found
  found=$(find_python) || exit 7
  "$found" "$root/deploy/environment.py" "$1" || exit $?
}
