"""Changes: their bytes, who may make them, in which order they count. Imports nothing by itself."""
