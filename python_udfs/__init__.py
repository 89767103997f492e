"""The functions that SQL calls: one module a family, and `register` for the names and types that SQL sees."""
