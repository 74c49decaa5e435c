"""Effects of entities and of periods taken out of weighted cells, exactly and many times over."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from causal.data.panel import FloatArray

Within = Callable[[FloatArray], FloatArray]


def within(weight: FloatArray) -> Within:
    """Make the function that leaves of cells what entities and periods do not explain.

    Parameters
    ----------
    weight
        Shape (entities, periods); a cell of weight zero is not there.

    Returns
    -------
    Within
        Of arrays (entities, periods, k); cells that are not there become zero.

    Examples
    --------
    >>> cells = np.add.outer([1.0, 5.0], [0.0, 2.0, 3.0])[..., None]
    >>> bool(np.abs(within(np.ones((2, 3)))(cells)).max() < 1e-12)
    True
    """
    if weight.shape[1] > weight.shape[0]:  # the smaller side is solved for
        turned = within(weight.T)
        return lambda cells: turned(cells.swapaxes(0, 1)).swapaxes(0, 1)
    rows, columns = weight.sum(axis=1), weight.sum(axis=0)
    share = weight / np.where(rows > 0, rows, 1.0)[:, None]
    solve = np.linalg.pinv(np.diag(columns) - weight.T @ share, rcond=1e-10, hermitian=True)

    def left(cells: FloatArray) -> FloatArray:
        entity = np.einsum("it,itk->ik", share, cells)
        rest = np.einsum("it,itk->tk", weight, cells - entity[:, None])
        period = solve @ rest
        entity = entity - share @ period
        apart = cells - entity[:, None] - period[None]
        return np.where(weight[..., None] > 0, apart, 0.0)

    return left
