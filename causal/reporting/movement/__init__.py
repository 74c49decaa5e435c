"""The page of a move: what moved, by how much, and what each mechanism and segment made of it."""
