"""Pictures on standard input -> what RapidOCR reads in them on standard output, one JSON object a line.

Runs under any Python that has rapidocr_onnxruntime, hence imports nothing of inkread. A request is
{"file": base64, "whole": bool}: whole pages are searched for lines; otherwise the picture is taken as one line. The
answer is {"boxes": [[corners, text, score], ...], "seconds": float}; the first line says which version answers.
"""

from __future__ import annotations

import base64
import json
import sys
import time
from importlib.metadata import version
from typing import Any

import cv2
import numpy as np

LONGEST = 960  # pixels, a longer side is reduced to before lines are looked for: the value of PaddleOCR's own pipeline


def answer(engine: Any, request: dict[str, Any]) -> dict[str, Any]:
    """Read one picture."""
    data = np.frombuffer(base64.b64decode(request["file"]), np.uint8)
    started = time.perf_counter()
    picture = cv2.imdecode(data, cv2.IMREAD_COLOR)
    found, _ = engine(picture, use_det=bool(request["whole"]), use_cls=False, use_rec=True)
    seconds = time.perf_counter() - started
    boxes = []
    for row in found or []:
        corners, text, score = row if len(row) == 3 else ([[0, 0], [1, 0], [1, 1], [0, 1]], *row)
        boxes.append([np.asarray(corners, float).tolist(), text, float(score)])
    return {"boxes": boxes, "seconds": seconds}


def main() -> None:
    """Answer until the input ends."""
    from rapidocr_onnxruntime import RapidOCR  # type: ignore[import-not-found]  # lives in an environment of its own

    engine = RapidOCR(det_limit_type="max", det_limit_side_len=LONGEST, text_score=0.0)
    print(json.dumps({"version": version("rapidocr_onnxruntime")}), flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(engine, json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
