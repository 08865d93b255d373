# SPDX-License-Identifier: Apache-2.0
"""Turns configurations and changes to them from Python values into what the reader of configurations takes."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from ._errors import InputError

# The name of a shipped configuration, the path of a file, keys over the published design, a report or its "config".
Config = str | os.PathLike[str] | Mapping[str, Any]
# Keys as {"array.rows": 32} or {"array": {"rows": 32}}.
Settings = Mapping[str, Any]


def _toml_value(key: str, value: Any) -> str:
    if hasattr(value, "item"):  # a number of numpy or torch
        value = value.item()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)  # reads back to the same number; inf and nan are TOML's too
    if value in ("inf", "-inf"):  # reports write infinity so, which JSON has not
        return str(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    raise InputError(f"{key}: expected a number, a string or a truth value, got {type(value).__name__}")


def assignments(settings: Settings | None, prefix: str = "") -> list[str]:
    """Writes settings as the arguments of --set: ["array.rows=32"]."""
    result: list[str] = []
    for key, value in (settings or {}).items():
        if isinstance(value, Mapping):
            result += assignments(value, f"{prefix}{key}.")
        else:
            result.append(f"{prefix}{key}={_toml_value(prefix + key, value)}")
    return result


def config_and_sets(config: Config, settings: Settings | None) -> tuple[str, list[str]]:
    """Returns a configuration and changes to it as the command line takes them: CONFIG, and the arguments of --set."""
    if isinstance(config, Mapping):
        if str(config.get("schema", "")).startswith("capcam-report/") and isinstance(config.get("config"), Mapping):
            return "camformer", assignments(config["config"]) + assignments(settings)
        return "camformer", assignments(config) + assignments(settings)
    return os.fspath(config), assignments(settings)
