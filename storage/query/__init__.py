"""TinyDB queries understood: read back from their closures, compiled to SQL, or answered from a kept column."""
