#!/usr/bin/env python3
"""Runs the fuzz targets of a build: so many minutes in all, over so many processes.

    fuzz/run.py --minutes 5 --jobs 2 [NAME...]     looks for inputs; what it finds goes to build/fuzzing/findings/NAME
    fuzz/run.py --preset fuzz --minutes 5          the same without sanitizers: several times as many inputs
    fuzz/run.py --coverage [NAME...]               lines and branches of each parser that the inputs at hand reach
    fuzz/run.py --keep [NAME...]                   adds inputs that reach new edges to fuzz/corpus, the small ones

Inputs come from fuzz/corpus/NAME, fuzz/found/NAME and what earlier runs left in build/fuzzing/corpus/NAME. Ends with status
1 if something was found.
"""

# SPDX-License-Identifier: Apache-2.0
import argparse
import concurrent.futures
import datetime
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
WORK = ROOT / "build" / "fuzzing"

# Most bytes of an input, and the files whose branches count: the parser's own.
TARGETS = {
    "cards": (16384, "src/cost/cards/library.cpp src/cost/cards/unit_cards.cpp src/cost/cards/card_file.cpp"),
    "config": (8192, "src/config/toml_tree.cpp src/config/toml_reader.cpp src/config/toml_depth.cpp src/config/reader.cpp"
                     " src/config/check.cpp src/config/writer.cpp"),
    "counts": (16384, "src/studies/price/counts_file.cpp"),
    "engine": (256, "src/engines/fast/"),
    "header": (8192, "src/trace/safetensors_header.cpp"),
    "ranges": (4096, "src/studies/sweep/file/axis_values.cpp src/studies/sweep/file/decimal.cpp src/trace/keep_layers.cpp"),
    "report": (8192, "src/studies/sweep/store/stored_report.cpp src/studies/sweep/table/columns.cpp"
                     " src/studies/sweep/table/export.cpp src/studies/sweep/table/front.cpp"
                     " src/studies/sweep/table/objective.cpp src/studies/sweep/table/pareto.cpp src/core/json_text.cpp"),
    "results": (32768, "src/studies/sweep/store/database.cpp src/studies/sweep/store/schema.cpp"
                       " src/studies/sweep/store/store.cpp src/studies/sweep/store/merge.cpp"),
    "round_trip": (1024, "src/config/writer.cpp"),
    "set": (4096, "src/config/toml_tree.cpp src/config/toml_reader.cpp src/config/toml_depth.cpp"),
    "shapes": (8192, "src/workload/model_shapes.cpp include/capcam/describe.h src/workload/model_shapes.h"),
    "spatten": (8192, "src/trace/spatten.cpp"),
    "sweep": (8192, "src/studies/sweep/file/sweep_file.cpp src/studies/sweep/file/plan.cpp"
                    " src/studies/sweep/file/axis_values.cpp"),
    "trace": (8192, "src/trace/safetensors.cpp src/trace/safetensors_header.cpp src/trace/trace.cpp"
                    " src/trace/trace_metadata.cpp src/trace/tensor_name.cpp src/trace/scan.cpp"),
    "where": (4200, "src/studies/sweep/file/where.cpp src/studies/sweep/file/where_parser.cpp"),
}
MOST_SECONDS, MOST_MIB = 10, 1024
KEPT_BYTES, KEPT_INPUTS = 4096, 150


class Target:
    def __init__(self, name, build):
        self.name = name
        self.most_bytes, self.files = TARGETS[name][0], TARGETS[name][1].split()
        self.program = build / f"capcam_fuzz_{name}"
        self.work = WORK / "corpus" / name
        self.findings = WORK / "findings" / name
        self.log = WORK / "logs" / f"{name}.txt"
        self.kept = HERE / "corpus" / name
        for folder in (self.work, self.findings, self.log.parent, self.kept):
            folder.mkdir(parents=True, exist_ok=True)

    def corpora(self):
        return [str(f) for f in (self.work, self.kept, HERE / "found" / self.name) if f.is_dir()]

    def owns(self, place):
        path = os.path.relpath(os.path.normpath(place), ROOT)
        return any(path.startswith(file) if file.endswith("/") else path == file for file in self.files)

    def options(self):
        options = [f"-max_len={self.most_bytes}", f"-timeout={MOST_SECONDS}", f"-rss_limit_mb={MOST_MIB}",
                   f"-artifact_prefix={self.findings}/"]
        dictionary = HERE / f"{self.name}.dict"
        return options + [f"-dict={dictionary}"] if dictionary.exists() else options

    def call(self, arguments, profile="/dev/null", **more):
        environment = dict(os.environ, ASAN_OPTIONS="allocator_may_return_null=1:detect_leaks=0",
                           LLVM_PROFILE_FILE=str(profile))
        if os.access("/dev/shm", os.W_OK):
            environment["TMPDIR"] = "/dev/shm"
        return subprocess.run([str(self.program), *arguments], env=environment, errors="replace", text=True, **more)


def fuzz(target, seconds):
    """Runs one target; a finding does not end its time. Returns its line of the table."""
    executions, edges, peak, end = 0, 0, 0, time.monotonic() + seconds
    with target.log.open("a") as log:
        while (left := int(end - time.monotonic())) > 0:
            run = target.call([*target.options(), f"-max_total_time={left}", "-print_final_stats=1", *target.corpora()],
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            log.write(run.stderr)
            numbers = {name: int(value) for name, value in re.findall(r"stat::(\w+):\s+(\d+)", run.stderr)}
            executions += numbers.get("number_of_executed_units", 0)
            peak = max(peak, numbers.get("peak_rss_mb", 0))
            edges = max([edges, *map(int, re.findall(r" cov: (\d+)", run.stderr))])
            if run.returncode != 0 and left > seconds - 2:
                break  # an input at hand fails: nothing can be looked for
    return {"name": target.name, "executions": executions, "edges": edges, "peak_mib": peak,
            "findings": sum(1 for _ in target.findings.iterdir())}


def coverage(target):
    """Lines and branches of the parser's own files that the inputs at hand reach, as llvm-cov counts them."""
    raw, profile = WORK / f"{target.name}.profraw", WORK / f"{target.name}.profdata"
    target.call([*target.options(), "-runs=0", *target.corpora()], profile=raw, check=True,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    subprocess.run(["llvm-profdata", "merge", "-sparse", str(raw), "-o", str(profile)], check=True)
    export = subprocess.run(["llvm-cov", "export", "-summary-only", f"-instr-profile={profile}", str(target.program)],
                            check=True, capture_output=True, text=True)
    raw.unlink()
    profile.unlink()
    row = {"name": target.name, "inputs": sum(1 for folder in target.corpora() for _ in Path(folder).iterdir())}
    own = [file["summary"] for file in json.loads(export.stdout)["data"][0]["files"] if target.owns(file["filename"])]
    for what in ("lines", "branches"):
        covered, count = (sum(summary[what][key] for summary in own) for key in ("covered", "count"))
        row[what], row[f"{what}, %"] = f"{covered}/{count}", round(100 * covered / count)
    return row


def keep(target):
    """libFuzzer's merge into an empty folder picks the least inputs with all edges; the small ones are kept."""
    new = target.work.parent / f"{target.name}.merged"
    subprocess.run(["rm", "-rf", str(new)], check=True)
    new.mkdir()
    target.call(["-merge=1", f"-max_len={target.most_bytes}", str(new), *target.corpora()],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    have = {f.read_bytes() for f in target.kept.iterdir()}
    small = sorted((f for f in new.iterdir() if f.stat().st_size <= KEPT_BYTES), key=lambda f: (f.stat().st_size, f.name))
    added = 0
    for file in small[:KEPT_INPUTS]:
        if file.read_bytes() not in have:
            (target.kept / file.name[:16]).write_bytes(file.read_bytes())
            added += 1
    return {"name": target.name, "added": added}


def table(rows):
    widths = {key: max(len(key), *(len(str(row[key])) for row in rows)) for key in rows[0]}
    print("  ".join(key.ljust(widths[key]) for key in rows[0]))
    for row in rows:
        print("  ".join(str(row[key]).ljust(widths[key]) for key in row))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", choices=[*TARGETS, []], metavar="NAME", help="all, without one")
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--preset", choices=["checked", "fuzz"], default="checked")
    parser.add_argument("--coverage", action="store_true")
    parser.add_argument("--keep", action="store_true")
    given = parser.parse_args()
    build = ROOT / "build" / ("fuzz" if given.coverage else given.preset)
    targets = [Target(name, build) for name in given.names or TARGETS]
    with concurrent.futures.ThreadPoolExecutor(given.jobs) as pool:
        if given.keep:
            return table(list(pool.map(keep, targets)))
        if given.coverage:
            return table(list(pool.map(coverage, targets)))
        seconds = given.minutes * 60 * given.jobs / len(targets)
        rows = list(pool.map(lambda target: fuzz(target, seconds), targets))
    table(rows)
    total, found = sum(row["executions"] for row in rows), sum(row["findings"] for row in rows)
    print(f"{total} executions, {found} findings")
    with (WORK / "executions.csv").open("a") as out:
        for row in rows:
            print(datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"), given.preset, round(seconds),
                  *row.values(), sep=",", file=out)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
