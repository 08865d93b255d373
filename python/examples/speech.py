# SPDX-License-Identifier: Apache-2.0
"""Makes spoken commands by espeak-ng and flite, and scores transcripts in words."""

from __future__ import annotations

import io
import random
import re
import subprocess
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy
from whisper import RATE, resampled

ROOMS = ("kitchen", "bedroom", "living room", "hall", "garage", "garden", "office", "bathroom")
DEVICES = ("light", "lamp", "heating", "fan", "radio", "television", "music", "alarm", "coffee machine", "oven")
NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twelve", "fifteen", "twenty")
UNITS = ("minutes", "hours", "seconds", "meters", "miles", "degrees", "percent")
PEOPLE = ("Mary", "John", "my mother", "my brother", "Doctor Brown", "the office", "Anna", "Peter", "Miss Green")
THINGS = ("milk", "bread", "apples", "butter", "rice", "coffee", "eggs", "water", "paper", "soap")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "tomorrow", "tonight")
PLACES = ("the station", "the airport", "home", "London", "the nearest hospital", "the school", "New York", "the bank")
WAYS = ("forward", "back", "left", "right", "up", "down")
FORMS = (
    "Turn on the {device} in the {room}.",
    "Turn off the {device}.",
    "Switch the {room} {device} off.",
    "Set a timer for {number} {unit}.",
    "Set the {device} to {number} {unit}.",
    "Go {way} {number} {unit}.",
    "Call {person}.",
    "Send a message to {person}.",
    "Tell {person} that I will be late {day}.",
    "Add {thing} and {thing2} to my shopping list.",
    "Wake me up at {number} on {day}.",
    "What is the weather like on {day}?",
    "How far is it to {place}?",
    "Drive to {place}.",
    "Play some music in the {room}.",
    "Is the {device} in the {room} on?",
    "Remind me to buy {thing} {day}.",
    "Turn {way} after {number} {unit}.",
    "Stop the {device}.",
    "Open the {room} door.",
    "Read my last message from {person}.",
    "Make the {room} warmer.",
)

# Synthesiser and voice. Those held out are spoken in no training utterance.
ESPEAK = [f"en-us+{kind}" for kind in ("m1", "m3", "m7", "f2", "f4")]
ESPEAK += [f"en-gb+{kind}" for kind in ("m2", "m5", "f1", "f3", "linda")] + [
    "en-gb-scotland",
    "en-gb-x-rp+f5",
    "en-029",
]
TRAINED_VOICES = [("espeak-ng", voice) for voice in ESPEAK] + [("flite", voice) for voice in ("kal16", "awb", "rms")]
HELD_OUT_VOICES = [("espeak-ng", "en-us+m6"), ("espeak-ng", "en-gb-x-gbclan"), ("espeak-ng", "en-us+belinda")]
HELD_OUT_VOICES += [("flite", "slt")]


@dataclass(frozen=True)
class Utterance:
    text: str
    voice: str
    sound: numpy.ndarray  # 16 kHz, -1..1


def command(random_: random.Random) -> str:
    pick = random_.choice
    return pick(FORMS).format(
        device=pick(DEVICES),
        room=pick(ROOMS),
        number=pick(NUMBERS),
        unit=pick(UNITS),
        person=pick(PEOPLE),
        thing=pick(THINGS),
        thing2=pick(THINGS),
        day=pick(DAYS),
        place=pick(PLACES),
        way=pick(WAYS),
    )


def utterances(count: int, seed: int, *, held_out: bool, seconds: float) -> list[Utterance]:
    """Returns spoken commands that are shorter than `seconds`, a little noise in each; of other seeds, other ones."""
    random_, voices, made = random.Random(f"{seed} {held_out}"), HELD_OUT_VOICES if held_out else TRAINED_VOICES, []
    while len(made) < count:
        text, (program, voice) = command(random_), random_.choice(voices)
        sound = spoken(program, voice, text, speed=random_.uniform(0.85, 1.25), pitch=random_.randint(30, 70))
        noise = numpy.random.default_rng(random_.getrandbits(32)).standard_normal(len(sound))
        loudness = 10 ** random_.uniform(-1.0, 0.0)
        sound = loudness * (sound + noise * 10 ** random_.uniform(-4.0, -2.0)).astype(numpy.float32)
        silence = numpy.zeros(round(RATE * random_.uniform(0.0, 0.4)), numpy.float32)
        sound = numpy.concatenate([silence, sound]).astype(numpy.float32)
        if len(sound) < RATE * seconds:
            made.append(Utterance(text, f"{program} {voice}", sound))
    return made


def spoken(program: str, voice: str, text: str, *, speed: float, pitch: int) -> numpy.ndarray:
    """Returns what a synthesiser makes of a text, its largest sample 0.9."""
    if program == "flite":
        file = Path("/dev/stdout")
        command = ["flite", "-voice", voice, "--setf", f"duration_stretch={1 / speed:.3f}", "-t", text, "-o", str(file)]
    else:
        command = ["espeak-ng", "-v", voice, "-s", str(round(165 * speed)), "-p", str(pitch), "--stdout", text]
    done = subprocess.run(command, capture_output=True, check=True)
    with wave.open(io.BytesIO(done.stdout)) as file:
        frames, rate = file.readframes(file.getnframes()), file.getframerate()
    sound = numpy.frombuffer(frames[: len(frames) // 2 * 2], "<i2").astype(numpy.float32)
    if rate != RATE:
        sound = resampled(sound, rate)
    return 0.9 * sound / max(1.0, float(numpy.abs(sound).max()))


_WORDS = {word: str(n) for n, word in enumerate(NUMBERS[:10], 1)} | {"twelve": "12", "fifteen": "15", "twenty": "20"}


def words(text: str) -> list[str]:
    """Returns the words of a transcript as they are scored: lower case, no punctuation, numbers in digits."""
    return [_WORDS.get(word, word) for word in re.sub(r"[^a-z0-9 ]", " ", text.lower()).split()]


def word_errors(heard: str, said: str) -> int:
    """Returns the least number of words to be put in, left out or replaced to make what was heard what was said."""
    before = list(range(len(words(said)) + 1))
    for i, one in enumerate(words(heard), 1):
        row = [i]
        for j, other in enumerate(words(said), 1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (one != other)))
        before = row
    return before[-1]
