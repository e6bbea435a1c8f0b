"""onnxruntime-web, from npm, a file or a folder -> the two files of it that a page needs. Checks what it takes.

The single-threaded build for WebAssembly alone: it runs on any static host, without headers that only some can send.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from inkread.errors import BadOption, ChecksumMismatch, DownloadFailed

VERSION = "1.30.0"
INTEGRITY = "sha512-q0y+JrrtukXSzsBWEMccVfqX25LRmosXHF+CaRJmg8pZClzcV7svNc4rKY3jL02Vb7QmRMDs1SigqR4CXAfKYQ=="
PACKAGE = f"onnxruntime-web@{VERSION}"
# In the package -> in the page's folder. Some hosts do not know that .mjs is JavaScript.
FILES = {
    "dist/ort.wasm.bundle.min.mjs": "ort.wasm.bundle.min.js",
    "dist/ort-wasm-simd-threaded.wasm": "ort-wasm-simd-threaded.wasm",
}
PATIENCE = 600  # seconds; the package has 33 MB
INSTEAD = "or give the package's folder or its .tgz file: --onnxruntime-web node_modules/onnxruntime-web"


def runtime_files(place: Path | None = None) -> dict[str, bytes]:
    """The files by their names in the page's folder.

    Args:
        place: the package's folder, or its file as `npm pack` writes it; None: npm fetches it or has it in its cache.

    Raises:
        DownloadFailed: no npm, or npm failed. ChecksumMismatch: a file with other bytes than were published.
        BadOption: a place that is not this version of the package.
    """
    if place is None:
        with tempfile.TemporaryDirectory() as folder:
            return _unpacked(_packed(Path(folder)))
    if place.is_dir():
        return _from_folder(place)
    if not place.is_file():
        raise BadOption(f"{place} does not exist; expected the folder or the .tgz file of {PACKAGE}")
    return _unpacked(place)


def _packed(folder: Path) -> Path:
    """The package's file, which npm puts into a folder."""
    npm = shutil.which("npm")
    if npm is None:
        raise DownloadFailed(
            f"the page needs {PACKAGE}, and there is no npm to fetch it; install Node.js, which brings npm, {INSTEAD}"
        )
    command = [npm, "pack", PACKAGE, "--prefer-offline", "--ignore-scripts", "--pack-destination", str(folder)]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired as error:
        raise DownloadFailed(f"npm did not fetch {PACKAGE} within {PATIENCE} s; try again, {INSTEAD}") from error
    packed = sorted(folder.glob("*.tgz"))
    if done.returncode or not packed:
        said = next((line for line in done.stderr.splitlines() if "code" in line or "error" in line), "no reason given")
        raise DownloadFailed(f"npm cannot fetch {PACKAGE} ({said.strip()}); connect to the network, {INSTEAD}")
    return packed[0]


def _unpacked(packed: Path) -> dict[str, bytes]:
    """The files out of the package's file, if it is the one that was published."""
    content = packed.read_bytes()
    found = "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()
    if found != INTEGRITY:
        raise ChecksumMismatch(
            f"{packed.name} is not {PACKAGE} as published: its integrity is {found[:20]}…, expected {INTEGRITY[:20]}…"
        )
    files = {}
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        for name, target in FILES.items():
            member = archive.extractfile(f"package/{name}")
            assert member is not None  # the integrity vouches for it
            files[target] = member.read()
    return files


def _from_folder(folder: Path) -> dict[str, bytes]:
    """The files out of the unpacked package."""
    try:
        version = json.loads((folder / "package.json").read_bytes())["version"]
        files = {target: (folder / name).read_bytes() for name, target in FILES.items()}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadOption(
            f"{folder} is not the folder of {PACKAGE} ({error}); make one with: npm install {PACKAGE}"
        ) from error
    if version != VERSION:
        raise BadOption(
            f"{folder} holds version {version} of onnxruntime-web, expected {VERSION}: npm install {PACKAGE}"
        )
    return files
