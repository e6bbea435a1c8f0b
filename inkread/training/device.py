"""Chooses where a network is trained, and whether in half precision. Leaves training itself to `loop`."""

from __future__ import annotations

import torch

from inkread.errors import BadOption


def choose_device(wanted: str | None = None) -> torch.device:
    """CUDA, else Apple's MPS, else the CPU; ``wanted`` ('cpu', 'cuda', 'mps') overrides where it exists."""
    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wanted is None:
        return torch.device(next(name for name, there in available.items() if there))
    if not available.get(wanted):
        there = ", ".join(name for name, is_there in available.items() if is_there)
        raise BadOption(f"this machine has no device {wanted!r}; it has: {there}")
    return torch.device(wanted)


def has_fast_bfloat16(device: torch.device) -> bool:
    """Whether products of bfloat16 are faster than those of float32. Emulated, they are 190 times slower (Zen 3).

    Intel's processors from Sapphire Rapids on, told by AVX512-FP16, multiply bfloat16 fast in AMX alone: where a
    virtual machine hides it, their AVX512-BF16 has half the rate of float32.
    """
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    has = torch.cpu.get_capabilities() if device.type == "cpu" else {}
    in_vectors = has.get("avx512_bf16") and not has.get("avx512_fp16")
    return bool(has.get("amx_bf16") or in_vectors or has.get("sve_bf16"))
