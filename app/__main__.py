"""The entry: `commonhold`, or `python -P -m app`."""

import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    try:
        from app.cli.main import run
    except KeyboardInterrupt:  # so early that nothing was begun
        sys.stderr.write("Stopped. What was not finished was not kept.\n")
        sys.exit(130)
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
