"""Full-text search: words, the dictionary of terms, the index and its ranking."""
