"""The command line: what `docs/cli.md` describes, and nothing that knows of windows."""
