"""Effects with their joint uncertainty: one estimator a file, each a frozen dataclass with ``fit``."""
