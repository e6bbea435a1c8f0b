"""Points in many dimensions -> points on a page, near each other where they were near. Source: van der Maaten and
Hinton 2008 (t-SNE), as scikit-learn has it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from inkread.errors import BadArray, MissingDependency
from inkread.evaluation.border import FloatArray

PERPLEXITY = 30  # neighbours that count for each point
FEWEST = 4  # points; of fewer there is no map


def flattened(points: npt.ArrayLike, seed: int = 0) -> FloatArray:
    """Points (N, D) -> (N, 2). The same for the same points. Raises BadArray below 4 points, MissingDependency."""
    given = np.asarray(points, np.float32)
    if given.ndim != 2 or len(given) < FEWEST:
        raise BadArray(f"points have the shape {given.shape}; expected (N, D) with {FEWEST} or more points")
    try:
        from sklearn.manifold import TSNE
    except ImportError as error:
        raise MissingDependency("scikit-learn", "train", "a map of glyphs") from error
    perplexity = min(PERPLEXITY, (len(given) - 1) / 3)
    method = TSNE(perplexity=perplexity, init="pca" if given.shape[1] > 1 else "random", random_state=seed)
    laid: FloatArray = np.asarray(method.fit_transform(given), np.float64)
    return laid
