"""The look: KV rules only, one file per screen, read with importlib.resources."""
