"""The accuracy study: worlds with known truth, this package and its peers on the same data.

``python -m benchmarks.accuracy`` runs it and writes ``docs/accuracy.md``. A world is a file of
``worlds`` with one function ``draw``, a peer a file of ``peers`` with one function ``answer``.
"""
