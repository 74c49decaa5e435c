"""The page: one section a file, each with ``section``, and the frame around them."""
