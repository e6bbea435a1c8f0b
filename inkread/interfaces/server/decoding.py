"""Log-probabilities as JSON -> the text that was meant, as JSON: `inkread.decode` for a network elsewhere."""

from __future__ import annotations

import json
import math
from dataclasses import asdict

import numpy as np

from inkread.alphabet import Alphabet
from inkread.decoding import DecodingOptions, decode
from inkread.interfaces.server.schema import DecodeRequest
from inkread.interfaces.server.wording import checked_json
from inkread.loading import ALPHABETS

PLACES = 6  # decimals of a probability that is told; float32 has no more
IMPOSSIBLE = None  # JSON has no infinity: null stands for the logarithm of nothing, in requests and in answers


def decode_json(content: bytes) -> bytes:
    """The body of a request -> the body of its answer. Raises Refused and InkreadError."""
    asked = checked_json(DecodeRequest, content)
    alphabet = ALPHABETS.get(asked.alphabet) or Alphabet(asked.alphabet)
    rows = [[-math.inf if value is IMPOSSIBLE else value for value in row] for row in asked.log_probs]
    options = DecodingOptions(**asked.options.model_dump(exclude_none=True))
    decoded = decode(rows or np.zeros((0, len(alphabet))), alphabet, options, gaps=asked.gaps)
    answer = {
        "text": decoded.text,
        "raw_text": decoded.raw_text,
        "confidence": decoded.confidence,
        "hypotheses": [
            {name: _finite(value) for name, value in asdict(hypothesis).items()} for hypothesis in decoded.hypotheses
        ],
        "posteriors": decoded.posteriors.astype(np.float64).round(PLACES).tolist(),
    }
    return f"{json.dumps(answer, ensure_ascii=False, allow_nan=False)}\n".encode()


def _finite(value: object) -> object:
    return IMPOSSIBLE if isinstance(value, float) and not math.isfinite(value) else value
