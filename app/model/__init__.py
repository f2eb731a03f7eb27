"""What records are made of: kinds of fields, and collections with their fields."""
