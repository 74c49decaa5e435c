"""Individual effects measured: error and CPU time beside econml and causalml, size and power.

``python -m benchmarks.heterogeneity`` runs every case whose file is not in ``cases``, so that an
interrupted run goes on where it was; ``--write`` makes ``docs/heterogeneity.md`` from the files.
"""
