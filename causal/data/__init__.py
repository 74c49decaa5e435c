"""Tables in: sources on each engine, the panel, folds, fingerprints; the simulated platform."""
