"""Tables in: sources on each engine, the panel, folds and fingerprints."""
