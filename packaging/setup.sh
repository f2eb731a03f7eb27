#!/usr/bin/env bash
# Makes .venv with everything in requirements/ and the command `commonhold`. Safe to call at any time: when nothing
# changed it only looks. Variables: PYTHON, the interpreter to use (else the first of 3.11, 3.12, 3.13 that runs).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

here=$(pwd -P)
venv=.venv
stamp=$venv/setup.stamp
layers=(core desktop dev)
supported='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'

say() { printf '%s\n' "$*" >&2; }

on_debian() { command -v dpkg-query >/dev/null && command -v apt-get >/dev/null; }

# Installs Debian packages when root; else prints the command that does, and fails.
install_packages() {
    if [ "$(id -u)" -ne 0 ]; then
        say "Missing system packages. To install them, run:"
        say "    sudo apt-get install --no-install-recommends $*"
        return 1
    fi
    say "Installing system packages: $*"
    if ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@" >/dev/null; }
    then
        say "Could not install them. When the machine reaches its package mirror, run:"
        say "    apt-get install --no-install-recommends $*"
        return 1
    fi
}

system_packages() {
    on_debian || return 0
    local missing=() name
    while read -r name; do
        case $name in '' | '#'*) continue ;; esac
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || missing+=("$name")
    done <packaging/debian-packages.txt
    # Without them the command line works and only the window may not: go on.
    [ ${#missing[@]} -eq 0 ] || install_packages "${missing[@]}" || true
}

find_python() {
    local candidate
    for candidate in ${PYTHON:-python3.11 python3.12 python3.13 python3}; do
        if "$candidate" -c "$supported" 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    return 1
}

make_environment() {
    local python
    if ! python=$(find_python); then
        say "No Python 3.11, 3.12 or 3.13 was found${PYTHON:+ at $PYTHON}. Install one, or name it: make setup PYTHON=..."
        exit 1
    fi
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        say "$python cannot make environments yet."
        on_debian && install_packages "python$(version_of "$python")-venv" || exit 1
    fi
    say "Making $venv with $("$python" --version)"
    "$python" -m venv --clear "$venv"
}

# What the environment was made from: the locks, the project's own description, this script, the interpreter.
fingerprint() {
    "$venv/bin/python" - "$here" packaging/setup.sh pyproject.toml "${layers[@]/#/requirements/}" <<'PYTHON'
import hashlib, pathlib, sys
place, *names = sys.argv[1:]
digest = hashlib.sha256(f"{sys.version} {place}".encode())
for name in names:
    path = pathlib.Path(name)
    digest.update((path if path.suffix else path.with_suffix(".txt")).read_bytes())
print(digest.hexdigest())
PYTHON
}

install_everything() {
    say "Installing the locked dependencies"
    local files=() layer
    for layer in "${layers[@]}"; do files+=(-r "requirements/$layer.txt"); done
    # Each file is checked against its hash; nothing that the locks do not name is looked for.
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps "${files[@]}"
    # The build back end is one of them, so that the project itself is installed without the network.
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-index --no-deps \
        --no-build-isolation --editable .
}

version_of() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null; }

# An environment that someone made by hand is taken over; one that was copied here from elsewhere is not, nor is one
# of another version than the interpreter that was asked for.
usable() {
    [ -z "${PYTHON:-}" ] || [ "$(version_of "$PYTHON")" = "$(version_of "$venv/bin/python")" ] || return 1
    "$venv/bin/python" -c "$supported" 2>/dev/null &&
        head -n 3 "$venv/bin/pip" 2>/dev/null | grep -qF "$here/$venv/bin/python"
}

system_packages
usable || make_environment
wanted=$(fingerprint)
if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ] || [ ! -x "$venv/bin/commonhold" ]; then
    rm -f "$stamp"
    install_everything
    printf '%s\n' "$wanted" >"$stamp"
    say "Ready: $venv/bin/commonhold"
fi
