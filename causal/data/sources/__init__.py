"""One kind of source a file; each has one public function, ``open_source``."""
