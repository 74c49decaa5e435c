"""One identification strategy a file; each has one public function, ``identify``."""
