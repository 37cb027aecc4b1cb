"""Evidence as content-addressed files."""
