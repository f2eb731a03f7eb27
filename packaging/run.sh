#!/usr/bin/env bash
# Opens the window; on a Linux machine with no display, draws it offscreen over a sample and saves pictures instead.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [ "$(uname -s)" = Linux ] && [ -z "${DISPLAY:-}" ] && [ -z "${WAYLAND_DISPLAY:-}" ]; then
    echo "There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set), so no window can open."
    echo "Drawing it over a sample instead: commonhold demo"
    exec .venv/bin/commonhold demo "$@"
fi
exec .venv/bin/commonhold "$@"
