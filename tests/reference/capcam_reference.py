#!/usr/bin/env python3
"""An independent reference of what a capcam run computes, in numpy.

    capcam_reference.py REPORT.json TRACE.safetensors OUTPUT.safetensors [--tolerance T]

Recomputes every output of a run (layers.<l>.out) from the trace and the resolved configuration in the report, by the
definitions of the design document's section "What the hardware computes", and compares bit for bit (or, with
--tolerance, the relative and absolute difference). Prints the number of compared outputs; exit status 1 if one differs,
2 if something cannot be read. Shares no code with the simulator and needs numpy only.

Exponentials come from math.exp, the C library's, in double, and are then rounded to fp32. Another exp, or another order
of summation in the standard deviation, may differ in the last bit of the double; that shows in about one fp32 rounding
in 10^7.
"""

# SPDX-License-Identifier: Apache-2.0
import argparse
import json
import math
import struct
import sys

import numpy as np

MAX_DIFFERENCES_SHOWN = 10


def fail(message):
    print(f"error: {message}", file=sys.stderr)
    sys.exit(2)


# --- safetensors -----------------------------------------------------------------------------------------------------


class Safetensors:
    """A file of named tensors: u64 header length, JSON header, bytes."""

    def __init__(self, path):
        with open(path, "rb") as file:
            data = file.read()
        (header_bytes,) = struct.unpack_from("<Q", data, 0)
        header = json.loads(data[8 : 8 + header_bytes])
        self.metadata = header.pop("__metadata__", {})
        self._entries = header
        self._data = memoryview(data)[8 + header_bytes :]

    def names(self):
        return self._entries.keys()

    def __contains__(self, name):
        return name in self._entries

    def __getitem__(self, name):
        """The tensor as float32 (exact: every dtype of a trace widens)."""
        entry = self._entries[name]
        begin, end = entry["data_offsets"]
        raw = self._data[begin:end]
        dtype = entry["dtype"]
        if dtype == "F32":
            values = np.frombuffer(raw, "<f4")
        elif dtype == "F16":
            values = np.frombuffer(raw, "<f2").astype(np.float32)
        elif dtype == "BF16":
            values = (np.frombuffer(raw, "<u2").astype(np.uint32) << 16).view(np.float32)
        elif dtype in ("BOOL", "U8"):
            values = np.frombuffer(raw, "u1").astype(np.float32)
        else:
            raise ValueError(f"{name}: dtype {dtype}")
        return values.reshape(entry["shape"])


# --- number formats --------------------------------------------------------------------------------------------------


def round_bf16(values):
    """float32 to the nearest bfloat16, ties to even, as float32."""
    bits = np.ascontiguousarray(values, np.float32).view(np.uint32)
    low = bits & np.uint32(0xFFFF)
    kept = bits >> np.uint32(16)
    up = (low > 0x8000) | ((low == 0x8000) & ((kept & 1) == 1))
    return ((kept + up.astype(np.uint32)) << np.uint32(16)).astype(np.uint32).view(np.float32)


def round_to(number_format, values):
    values = np.asarray(values, np.float32)
    if number_format == "fp32":
        return values
    if number_format == "bf16":
        return round_bf16(values)
    raise ValueError(f"number format {number_format!r}")


# --- point 2 and 3: matches and codes --------------------------------------------------------------------------------


def circuit_errors(config):
    """True if the matchline's voltage is not the supply times the share of matching cells."""
    sensing = config["sensing"]
    return sensing["settling"] or cell_leakage_pa(sensing) > 0 or sensing["supply_error"] != 0


def cell_leakage_pa(sensing):
    """Of two open switches, each as wide as its resistance says, unless it is given."""
    if sensing["leakage_pa"] != "auto":
        return sensing["leakage_pa"]
    width_um = sensing["switch_kohm_um"] / sensing["switch_resistance_kohm"]
    return 2 * sensing["switch_leakage_pa_per_um"] * width_um


def evolve(rates, time):
    """exp(rates time)."""
    values, vectors = np.linalg.eig(rates * time)
    return (vectors @ np.diag(np.exp(values)) @ np.linalg.inv(vectors)).real


def sensed_share(matches, width, config):
    """The voltage of rows over full scale, for what is the same in every search and row: typical transistors at 25
    degC, a calibrated reference, a sampling capacitor, a stated hold time, no resistance of wires."""
    sensing, search_ns = config["sensing"], config["array"]["search_cycles"] / config["clock"]["frequency_ghz"]
    couples = sensing["cell_circuit"] == "coupling"
    cell_ff = sensing["cell_capacitance_ff"] + sensing["cell_parasitic_ff"]
    charged_ff = sensing["cell_capacitance_ff"] if couples else cell_ff
    line_ff = sensing["matchline_capacitance_ff"]
    sample_ff = min(line_ff, sensing["sampling_capacitance_ff"])
    cells_ff, wire_ff = width * charged_ff, line_ff - sample_ff
    row_ff = cells_ff + line_ff
    supply = sensing["supply_v"] * (1 + sensing["supply_error"])
    weaker = (1 - sensing["threshold_v"]) / (supply - sensing["threshold_v"])  # of a switch, than at 1 V

    def left(part, kohm, ff):
        """What is left of the way after a part of the search (kOhm fF is ps)."""
        tau_ns = kohm * weaker * ff / 1e3
        return math.exp(-part / tau_ns) if tau_ns > 0 else 0.0

    matching, everywhere, sampled = 1.0, 0.0, 1.0
    if sensing["settling"]:
        precharge, evaluation, sharing = (
            sensing[p + "_part"] * search_ns for p in ("precharge", "evaluation", "sharing")
        )
        sampling = search_ns - precharge - evaluation - sharing
        driver_ns = sensing["driver_resistance_kohm"] * weaker / 1e3
        late = math.log(2) * driver_ns * sensing["search_line_ff_per_row"] * config["array"]["rows"]
        evaluation = max(0.0, evaluation - late)
        missing = left(precharge, sensing["switch_resistance_kohm"], cell_ff)
        rest = left(evaluation, sensing["switch_resistance_kohm"], cell_ff)
        if couples:
            matching, everywhere = 1.0, -missing
            sharing += evaluation
        else:
            matching = (1 - missing) * (1 - rest)
            everywhere = (1 - missing) * rest if sensing["cell_circuit"] == "discharge" else missing
        # The charge of the cells spreads to the wire, then to the sampling capacitor. Nodes: cells (coupling: plates, of
        # which a step of their sources by 1 is a start at - 1 with sources at 0), wire, sampling capacitor.
        row = 1e3 / (sensing["switch_resistance_kohm"] * weaker / width)
        sample = 1e3 / (sensing["sampling_resistance_kohm"] * weaker)
        ff, flows = np.diag([cells_ff, wire_ff, sample_ff]), np.array([[row, -row, 0.0], [-row, row, 0.0], [0.0] * 3])
        start = np.array([1.0, 0.0, 0.0])
        if couples:
            ff += np.array([[width * sensing["cell_parasitic_ff"], -cells_ff, 0.0], [-cells_ff, cells_ff, 0.0], [0.0] * 3])
            flows = np.diag([row, 0.0, 0.0])
            start = -start
        volt = evolve(-np.linalg.solve(ff, flows), sharing) @ start
        flows = flows + np.array([[0.0] * 3, [0.0, sample, -sample], [0.0, -sample, sample]])
        sampled = float((evolve(-np.linalg.solve(ff, flows), sampling) @ volt)[2]) * row_ff / cells_ff
    volts = supply * sampled * (matching * matches + everywhere * width) * charged_ff / row_ff
    slope = 1.5 * 8.617333262e-5 * 298.15
    leakage_pa = cell_leakage_pa(sensing) * math.exp(0.1 * (supply - 1.0) / slope)
    if leakage_pa > 0:
        # On the row until it is sampled, then through the sampling switch, by the ratio of the switches' widths.
        in_search = (1.0 - sensing["precharge_part"] - sensing["evaluation_part"]) * search_ns
        joined = min(sensing["hold_ns"], in_search)
        wider = sensing["switch_resistance_kohm"] / sensing["sampling_resistance_kohm"]
        volts = volts - width * leakage_pa * joined * 1e-6 / row_ff
        volts = volts - leakage_pa / 2 * wider * (sensing["hold_ns"] - joined) * 1e-6 / sample_ff
    return np.clip(volts, 0.0, supply) / (sensing["supply_v"] * cells_ff / row_ff)


def arrived_share(matches, width, config):
    """The time of edges over full scale, for what is the same in every search and row: typical transistors at 25 degC
    and a converter that was made for the nominal supply (or follows it)."""
    sensing = config["sensing"]

    def delay_ps(supply, ff):
        """An inverter with a load, C V / (2 I), its current by the alpha-power law from that at 1 V."""
        stronger = ((supply - sensing["threshold_v"]) / (1.0 - sensing["threshold_v"])) ** 1.3
        return 1e3 * ff * supply / (2.0 * sensing["drive_current_ua"] * stronger)

    supply = sensing["supply_v"] * (1 + sensing["supply_error"])
    load, node = sensing["delay_capacitance_ff"], sensing["cell_parasitic_ff"]
    follows = sensing["reference_follows_supply"]
    unit_ps = delay_ps(supply if follows else sensing["supply_v"], load)
    slower = 1.0 if follows else delay_ps(supply, 1.0) / delay_ps(sensing["supply_v"], 1.0)
    least = 0.0
    if sensing["settling"]:
        running_ns = (1.0 - sensing["precharge_part"]) * config["array"]["search_cycles"]
        running_ns /= config["clock"]["frequency_ghz"]
        weaker = (1 - sensing["threshold_v"]) / (supply - sensing["threshold_v"])
        driver_ns = sensing["driver_resistance_kohm"] * weaker / 1e3
        late = math.log(2) * driver_ns * sensing["search_line_ff_per_row"] * config["array"]["rows"]
        time_ps = 1e3 * max(0.0, running_ns - late)
        least = min(max(1.0 - (time_ps - width * delay_ps(supply, node)) / (width * unit_ps), 0.0), 1.0)
    return np.clip(1.0 - slower * (width - matches) / width, least, 1.0)


def digital_scores(q, k, config):
    """Scores [queries, keys] as integers, and how many of them make one match."""
    columns, kind = int(config["array"]["columns"]), config["sensing"]["kind"]
    bits = int(config["sensing"]["bits"])
    head_dim = q.shape[1]
    scores = np.zeros((q.shape[0], k.shape[0]), np.int64)
    for first in range(0, head_dim, columns):
        width = min(columns, head_dim - first)
        q_signs = np.where(q[:, first : first + width] >= 0, 1.0, -1.0)
        k_signs = np.where(k[:, first : first + width] >= 0, 1.0, -1.0)
        matches = (np.rint(q_signs @ k_signs.T).astype(np.int64) + width) // 2
        if kind == "ideal":
            scores += matches
        elif kind in ("sar", "time_domain") and circuit_errors(config):
            share = (sensed_share if kind == "sar" else arrived_share)(matches, width, config)
            code = np.floor(share * 2**bits + 0.5).astype(np.int64)
            scores += np.clip(code, 0, 2**bits - 1) * width
        elif kind in ("sar", "time_domain"):
            # floor(V / V_lsb + 1/2) with V / V_lsb = matches * 2^bits / width, in whole numbers.
            code = np.minimum((matches * 2 ** (bits + 1) + width) // (2 * width), 2**bits - 1)
            scores += code * width
        else:
            raise ValueError(f"sensing.kind {kind!r} has no functional reference here")
    return scores, 1 if kind == "ideal" else 2**bits


# --- point 7: valid keys ---------------------------------------------------------------------------------------------


def of_layer(metadata, key, layer):
    """What the metadata states for a layer: `key.<layer>`, else `key` for all; None if neither."""
    return metadata.get(f"{key}.{layer}", metadata.get(key))


def valid_keys(queries, keys, metadata, mask, layer):
    far = 2**61  # beyond any key; keeps the sums below within 64 bits
    position = min(int(metadata.get("query_offset", 0)), far) + np.arange(queries, dtype=np.int64)[:, None]
    key = np.arange(keys, dtype=np.int64)[None, :]
    valid = np.ones((queries, keys), bool)
    causal = metadata.get("causal", "false") == "true"
    if causal:
        valid &= key <= position
    stated = of_layer(metadata, "window", layer)
    if stated is not None:
        window = min(int(stated), far)
        if causal:
            valid &= (position - window + 1 <= key) & (key <= position)
        else:
            valid &= np.abs(key - position) < window
    if mask is not None:
        valid &= (mask != 0)[None, :]
    return valid


# --- point 4: selection ----------------------------------------------------------------------------------------------


def first_by_score(scores, allowed, count):
    """True for the `count` highest allowed scores of the last axis; equal scores keep the lower index."""
    floor = np.iinfo(np.int64).min
    order = np.argsort(-np.where(allowed, scores, floor + 1), axis=-1, kind="stable")
    chosen = np.zeros(scores.shape, bool)
    np.put_along_axis(chosen, order[..., :count], True, axis=-1)
    return chosen & allowed


def tiles_of(keys, rows, interleave):
    """The keys of every tile, in the order of its rows: consecutive keys go to `interleave` tiles in turn."""
    tiles = []
    for first in range(0, keys, interleave * rows):
        block = range(first, min(keys, first + interleave * rows))
        needed = -(-len(block) // rows)
        tiles += [list(block[place::needed]) for place in range(needed)]
    return tiles


def select(scores, valid, rows, interleave, tile_k, n):
    """Keys kept, best first, [queries, min(n, keys)], and how many of them count."""
    keys = scores.shape[1]
    candidates = valid
    if tile_k > 0:
        candidates = np.zeros_like(valid)
        for tile in tiles_of(keys, rows, interleave):
            candidates[:, tile] = first_by_score(scores[:, tile], valid[:, tile], tile_k)
    floor = np.iinfo(np.int64).min
    order = np.argsort(-np.where(candidates, scores, floor + 1), axis=1, kind="stable")
    kept = np.minimum(candidates.sum(axis=1), n)
    return order[:, : min(n, keys)], kept


# --- points 5 and 6: softmax and output ------------------------------------------------------------------------------


def attend(scores, selection, kept, scores_per_match, score_scale, softmax_format, v):
    queries, width = selection.shape
    chosen = np.take_along_axis(scores, selection, axis=1)
    counted = np.arange(width)[None, :] < kept[:, None]
    distance = np.where(counted, chosen[:, :1] - chosen, 0)
    # s = 2m - D: a distance of one match is 2 in s.
    distances, index = np.unique(distance, return_inverse=True)
    table = [math.exp(-score_scale * (2.0 * int(d) / scores_per_match)) for d in distances]
    table = round_to(softmax_format, np.array(table, np.float64).astype(np.float32))
    exponentials = table[index].reshape(queries, width)

    total = np.zeros(queries, np.float32)
    for rank in range(width):
        here = counted[:, rank]
        total[here] += exponentials[here, rank]
    output = np.zeros((queries, v.shape[1]), np.float32)
    for rank in range(width):
        here = counted[:, rank]
        if not here.any():
            break
        weight = round_to(softmax_format, exponentials[here, rank] / total[here])
        output[here] += weight[:, None] * v[selection[here, rank]]
    return output


def layer_outputs(trace, layer, config):
    prefix = f"layers.{layer}."
    q, k, v = trace[prefix + "q"], trace[prefix + "k"], trace[prefix + "v"]
    mask = trace[prefix + "mask"] if prefix + "mask" in trace else None
    batch, heads, queries, head_dim = q.shape
    group = heads // k.shape[1]
    keys = k.shape[2]

    valid_of_batch = [
        valid_keys(queries, keys, trace.metadata, None if mask is None else mask[b], layer) for b in range(batch)
    ]

    def sigma(which, rows):
        """Stated, else the deviation of the rows [count, head_dim] that take part."""
        stated = trace.metadata.get(f"sigma_{which}.{layer}")
        if stated is not None:
            return float(stated)
        return float(np.std(rows, dtype=np.float64)) if rows.size else 0.0

    # Queries that see no key and keys whose mask is 0 take no part.
    seeing = [np.moveaxis(q[b], 1, 0)[valid_of_batch[b].any(axis=1)].reshape(-1, head_dim) for b in range(batch)]
    existing = [
        np.moveaxis(k[b], 1, 0)[slice(None) if mask is None else mask[b] != 0].reshape(-1, head_dim)
        for b in range(batch)
    ]
    scale_stated = of_layer(trace.metadata, "scale", layer)
    scale = 1.0 / math.sqrt(head_dim) if scale_stated is None else float(scale_stated)
    score_scale = sigma("q", np.concatenate(seeing)) * sigma("k", np.concatenate(existing)) * scale
    v = round_to(config["value"]["format"], v)

    output = np.zeros((batch, heads, queries, v.shape[3]), np.float32)
    for b in range(batch):
        valid = valid_of_batch[b]
        for h in range(heads):
            scores, scores_per_match = digital_scores(q[b, h], k[b, h // group], config)
            top_n = config["top_n"]
            array = config["array"]
            selection, kept = select(
                scores, valid, int(array["rows"]), int(array["interleave"]), int(top_n["tile_k"]), int(top_n["n"])
            )
            output[b, h] = attend(
                scores, selection, kept, scores_per_match, score_scale, config["softmax"]["format"], v[b, h // group]
            )
    return output


# --- comparison ------------------------------------------------------------------------------------------------------


def same(ours, theirs, tolerance):
    if tolerance is None:
        return ours.view(np.uint32) == theirs.view(np.uint32)
    return np.isclose(ours, theirs, rtol=tolerance, atol=tolerance)


def main():
    parser = argparse.ArgumentParser(description="Recomputes the outputs of a capcam run and compares them.")
    parser.add_argument("report", help="report.json of the run")
    parser.add_argument("trace", help="the trace it ran on")
    parser.add_argument("output", help="the outputs it saved")
    parser.add_argument("--tolerance", type=float, help="allowed difference; without it bits are compared")
    arguments = parser.parse_args()

    try:
        with open(arguments.report, encoding="utf-8") as file:
            report = json.load(file)
        trace = Safetensors(arguments.trace)
        saved = Safetensors(arguments.output)
    except (OSError, ValueError, struct.error) as error:
        fail(error)

    layers = sorted(int(name.split(".")[1]) for name in saved.names() if name.endswith(".out"))
    if not layers:
        fail(f"{arguments.output} holds no layers.<l>.out")
    reported = report.get("trace", {}).get("layers")
    expected = len(reported) if isinstance(reported, list) else reported
    if expected is not None and expected != len(layers):
        fail(f"{arguments.output} holds {len(layers)} layers, the report says {expected}")

    compared = 0
    differing = 0
    for layer in layers:
        name = f"layers.{layer}.out"
        try:
            ours = np.ascontiguousarray(layer_outputs(trace, layer, report["config"]))
            theirs = np.ascontiguousarray(saved[name])
        except (KeyError, ValueError) as error:
            fail(f"{name}: {error}")
        if ours.shape != theirs.shape:
            print(f"{name}: shape {list(theirs.shape)}, expected {list(ours.shape)}")
            sys.exit(1)
        wrong = np.argwhere(~same(ours, theirs, arguments.tolerance))
        for place in wrong[: max(0, MAX_DIFFERENCES_SHOWN - differing)]:
            place = tuple(int(i) for i in place)
            print(f"{name}{list(place)}: {theirs[place]!r}, expected {ours[place]!r}")
        differing += len(wrong)
        compared += ours.size

    if differing:
        print(f"{differing} of {compared} outputs differ")
        sys.exit(1)
    print(f"{compared} outputs compared, all {'equal' if arguments.tolerance is None else 'within tolerance'}")


if __name__ == "__main__":
    main()
