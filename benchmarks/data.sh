#!/usr/bin/env bash
# Writes the split files of the real data sets that benchmarks and conf/ use.
#
#     benchmarks/data.sh [DATA [OUT]]
#
# DATA (default ../shared/data beside this project) holds the sets as conf/README.md describes them, which also says where they come from;
# OUT (default target/data) gets one folder a set, each with a training and a test part. The split is by hash of the string (SHA-1, hex
# digest as an integer, mod 10 = 0 is test), so that equal strings stay on one side, except where rows have an order. Running it again
# writes the same bytes.
#
#     us-baby-names      train.tsv test.tsv            name, sex
#     names-language     train.tsv test.tsv            name, language
#     city-country       train.tsv test.tsv            name, country
#     cmudict-g2p        train.json test.json          {"letters":[...],"phones":[...]} a line, one phone label a letter
#     fashion-mnist-10k  train.json test.json          {"rows":[[28 bytes as 0..255] x 28],"label":"9"} a line; first 8,000 / last 2,000
#     kjv-bible          train.txt test.txt            one verse a line; every 10th is test
#     japanese-vowels    train.json test.json          {"steps":[[12 numbers], ...],"speaker":"1".."9"} a line; as given
#     monthly-series     monthly.csv                   series, month, value; six monthly series, as given
#     us-births-daily    train.csv test.csv all.csv    date, births; 1969-88, test is the last 730 days; all.csv is both, one series
#
# Needs python3 (its standard library only). Exit codes: 0 done, 2 a data set is missing or not as described.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
if [ $# -gt 2 ]; then
    echo "data.sh takes at most two arguments, the data folder and the output folder, and got $#." >&2
    exit 2
fi
data="${1:-$root/../shared/data}"
out="${2:-$root/target/data}"
if [ ! -d "$data" ]; then
    echo "The data folder $data does not exist: give its path as the first argument." >&2
    exit 2
fi
if ! command -v python3 > /dev/null; then
    echo "data.sh needs python3, which is not on the PATH." >&2
    exit 2
fi

exec python3 - "$data" "$out" << 'PYTHON'
import csv
import datetime
import gzip
import hashlib
import json
import os
import sys

DATA, OUT = sys.argv[1:]


class Unusable(Exception):
    pass


def lines(*path):
    """The lines of a UTF-8 file, plain or gzipped, without their ends."""
    name = os.path.join(DATA, *path)
    try:
        with (gzip.open if name.endswith(".gz") else open)(name, "rt", encoding="utf-8", newline="\n") as file:
            for line in file:
                yield line.rstrip("\r\n")
    except (OSError, EOFError, UnicodeDecodeError) as e:
        raise Unusable(f"{name} cannot be read: {e}.") from e


def table(*path):
    """The rows of a tab-separated file with a header, as dictionaries; nothing is quoted there."""
    rows = lines(*path)
    header = next(rows, "").split("\t")
    for number, line in enumerate(rows, 2):
        cells = line.split("\t")
        if len(cells) != len(header):
            raise Unusable(f"{os.path.join(DATA, *path)} line {number}: {len(cells)} cells instead of {len(header)}.")
        yield dict(zip(header, cells))


def is_test(text):
    return int(hashlib.sha1(text.encode("utf-8")).hexdigest(), 16) % 10 == 0


def write(name, rows, header=None):
    """Writes beside the target and renames, so that a file is there whole or not at all."""
    path = os.path.join(OUT, name)
    part = path + ".part"
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(part, "w", encoding="utf-8", newline="\n") as file:
            if header is not None:
                file.write(header + "\n")
            for row in rows:
                file.write(row + "\n")
        os.replace(part, path)
    except OSError as e:
        raise Unusable(f"{path} cannot be written: {e}.") from e
    print(f"{path}: {len(rows)} rows")


def split(rows, test):
    """Rows in their order, as (training, test)."""
    parts = [], []
    for index, row in enumerate(rows):
        parts[bool(test(index, row))].append(row)
    return parts


def strings(folder, file, column, label):
    train, test = split(table(folder, file), lambda _, row: is_test(row[column]))
    for name, part in ("train", train), ("test", test):
        write(f"{folder}/{name}.tsv", [f"{row[column]}\t{row[label]}" for row in part], f"{column}\t{label}")


def pronunciations():
    folder, file = "cmudict-g2p", "cmudict-aligned.tsv.gz"
    train, test = split(table(folder, file), lambda _, row: is_test(row["word"]))
    for name, part in ("train", train), ("test", test):
        out = []
        for row in part:
            phones = row["labels"].split(" ")
            if len(phones) != len(row["word"]):
                raise Unusable(f"{folder}/{file}: {row['word']} has {len(phones)} labels for {len(row['word'])} letters.")
            out.append(to_json({"letters": list(row["word"]), "phones": phones}))
        write(f"{folder}/{name}.json", out)


def images():
    folder, file = "fashion-mnist-10k", "t10k.csv.gz"
    out = []
    for number, line in enumerate(lines(folder, file), 1):
        label, *pixels = line.split(",")
        if len(pixels) != 784:
            raise Unusable(f"{folder}/{file} line {number}: {len(pixels)} pixels instead of 784.")
        values = [int(pixel) for pixel in pixels]
        out.append(to_json({"rows": [values[at : at + 28] for at in range(0, 784, 28)], "label": label}))
    write(f"{folder}/train.json", out[:8000])
    write(f"{folder}/test.json", out[8000:])


def verses():
    train, test = split((row["text"] for row in table("kjv-bible", "kjv.tsv")), lambda index, _: index % 10 == 9)
    write("kjv-bible/train.txt", train)
    write("kjv-bible/test.txt", test)


def births():
    folder, file = "us-births-daily", "births-1969-1988.csv"
    days = []
    for row in csv.DictReader(lines(folder, file)):
        date = datetime.date(int(row["year"]), int(row["month"]), int(row["date_of_month"]))
        if days and date - days[-1][0] != datetime.timedelta(days=1):
            raise Unusable(f"{folder}/{file}: {date} does not follow {days[-1][0]}.")
        days.append((date, int(row["births"])))
    out = [f"{date.isoformat()},{count}" for date, count in days]
    for name, part in ("train", out[:-730]), ("test", out[-730:]), ("all", out):
        write(f"{folder}/{name}.csv", part, "date,births")


def vowels():
    for name in "train", "test":
        rows = [json.loads(line) for line in lines("japanese-vowels", name + ".jsonl")]
        write(f"japanese-vowels/{name}.json", [to_json({"steps": row["x"], "speaker": row["y"]}) for row in rows])


def months():
    header, *rows = lines("monthly-series", "monthly.csv")
    if header != "series,month,value":
        raise Unusable(f"monthly-series/monthly.csv: the header is {header}.")
    write("monthly-series/monthly.csv", rows, header)


def to_json(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


try:
    strings("us-baby-names", "names.tsv.gz", "name", "sex")
    strings("names-language", "names.tsv", "name", "language")
    strings("city-country", "cities.tsv.gz", "name", "country")
    pronunciations()
    images()
    verses()
    births()
    vowels()
    months()
except Unusable as e:
    print(e, file=sys.stderr)
    sys.exit(2)
except (KeyError, ValueError) as e:
    print(f"A data set under {DATA} is not as conf/README.md says: {e!r}.", file=sys.stderr)
    sys.exit(2)
PYTHON
