"""A table as cells: what each entity did in each period."""
