"""Do the shares depend on an order that the graph does not settle."""

from __future__ import annotations

import numpy as np

from causal.base.finding import Finding, Status
from causal.content.wording import figure, quoted, together
from causal.diagnostics.movement._made import Made


def check(made: Made) -> tuple[Finding, ...]:
    """Compare shares in the order given with those in the other order the graph allows.

    A share that differs by more than two joint errors is a WARN: nodes without a path between them
    act jointly, and whose share that is depends on who comes first.
    """
    turned = made.turned
    if turned is None:
        return ()
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.abs(turned.difference) / turned.std_error
    known = np.where(np.isfinite(z), z, 0.0)
    apart = [node for node, own in zip(turned.nodes, known, strict=True) if own > turned.critical]
    way = ", ".join(turned.order)
    return (
        Finding(
            name="order",
            status=Status.WARN if apart else Status.PASS,
            meaning=(
                f"With the causes in the order {way}, which the graph allows as well, "
                + (
                    f"the share of {together(quoted(node) for node in apart)} is another, by "
                    f"{figure(float(known.max()), 2)} errors: it depends on the order."
                    if apart
                    else "the shares are the same within their errors."
                )
            ),
            remedy=(
                "Say in mechanisms which of them follows from the other, or use form: shapley."
                if apart
                else ""
            ),
            statistic=float(known.max()),
            threshold=turned.critical,
            columns=tuple(apart),
            detail=tuple(
                {"share of": node, "difference": float(gap), "std. error": float(error)}
                for node, gap, error in zip(
                    turned.nodes, turned.difference, turned.std_error, strict=True
                )
            ),
        ),
    )
