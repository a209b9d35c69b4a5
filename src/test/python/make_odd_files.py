"""Makes 300 odd but valid files of rows, and writes what Python's own csv and json read of them: python3 make_odd_files.py

The files come from a seed. Java's OddFilesTest reads src/test/resources/fixtures/odd-files.json and needs no Python.
"""

import base64
import csv
import io
import json
import pathlib
import random

SEED = 20240301
FIXTURE = pathlib.Path(__file__).resolve().parents[1] / "resources" / "fixtures" / "odd-files.json"

TEXTS = ["a", "B", "", " ", "  x ", "é", "日本", "😀", "\u0000", "\u0001", "\u001f", "\u0085", "\u2028", "\ufeff", "\u202e", "\\", "\\n", "'", "`",
         "#", ";", "null", "NA", "NaN", "007", "1e5", "-0", "9007199254740993", "=1+1", "/", "{", "}", "e\u0301", "\u00a0", "\ufffd", "0x1F", "\u000b"]
NUMBERS = ["0", "-0", "-0.0", "1", "1.0", "1e5", "1E+2", "1.5e-3", "9007199254740992", "9007199254740993", "9223372036854775807",
           "9223372036854775808", "-9223372036854775809", "123456789012345678901234567890", "1e308", "1e400", "4.9e-324", "1e-400", "0.1", "2e23",
           "NaN", "Infinity", "-Infinity", "3.141592653589793238462643"]


def text(draw, more):
    return "".join(draw.choice(TEXTS + more) for _ in range(draw.randrange(4)))


def cell(draw, separator, quotes):
    value = text(draw, [] if not quotes else [separator, '"', '""'])
    if not quotes:
        return value
    if any(c in value for c in (separator, '"')) or draw.random() < 0.3:
        if draw.random() < 0.9:
            return '"' + value.replace('"', '""') + '"'
    if draw.random() < 0.03:
        return '"' + value.replace('"', '""') + draw.choice(["\n", "\r\n"]) + 'x"'
    return value


def table(draw, separator, quotes):
    columns = draw.randrange(1, 5)
    end = draw.choice(["\n", "\r\n", "\r"])
    names = [draw.choice(["n", "größe", "a b", "x.y", "`", "n,m" if quotes else "n;m", "日"]) + str(i) for i in range(columns)]
    lines = [separator.join('"' + name + '"' if "," in name else name for name in names)]
    for _ in range(draw.randrange(8)):
        if draw.random() < 0.1:
            lines.append(draw.choice(["", " ", "\t" if separator == "," else " "]))
        cells = [cell(draw, separator, quotes) for _ in range(columns)]
        if columns > 1 or cells[0].strip(' \t"'):  # a blank cell alone is a blank line to one and a row to the other
            lines.append(separator.join(cells))
    content = end.join(lines) + (end if draw.random() < 0.8 else "")
    return (b"\xef\xbb\xbf" if draw.random() < 0.2 else b"") + content.encode()


def rows_of_table(content, separator, quotes):
    try:
        source = io.StringIO(content.decode("utf-8-sig"), newline="")
        kind = {"quotechar": '"', "doublequote": True} if quotes else {"quoting": csv.QUOTE_NONE}
        rows = list(csv.reader(source, delimiter=separator, **kind))
    except (UnicodeDecodeError, csv.Error):
        return None
    # A line of nothing but spaces and tabs is no row; csv has no word for it.
    rows = [row for row in rows if row and not (len(row) == 1 and not row[0].strip(" \t"))]
    return [[cell if cell else None for cell in row] if i else row for i, row in enumerate(rows)]


def spelled(draw, value):
    if draw.random() < 0.3:
        return '"' + "".join("\\u%04x" % u for u in memoryview(value.encode("utf-16-le")).cast("H")) + '"'
    return json.dumps(value, ensure_ascii=draw.random() < 0.5)


def value(draw, kind):
    if draw.random() < 0.1:
        return "null"
    if kind == "text":
        return spelled(draw, text(draw, ['"', "\n", "\r", "\t"])) if draw.random() < 0.97 else '"\\ud83d"'
    if kind == "number":
        return draw.choice(NUMBERS)
    if kind == "flag":
        return draw.choice(["true", "false"])
    if kind == "list":
        return "[" + ",".join(draw.choice(NUMBERS[:8]) for _ in range(draw.randrange(4))) + "]"
    return draw.choice([spelled(draw, text(draw, [])), draw.choice(NUMBERS), "true"])  # of any kind


def objects(draw):
    kinds = {"k%d" % i: draw.choice(["text", "text", "number", "flag", "list", "any"]) for i in range(draw.randrange(1, 4))}
    end = draw.choice(["\n", "\r\n"])
    lines = []
    for _ in range(draw.randrange(1, 8)):
        if draw.random() < 0.1:
            lines.append(draw.choice(["", " ", "\t"]))
        fields = [(key, value(draw, kind)) for key, kind in kinds.items() if draw.random() < 0.9]
        if fields and draw.random() < 0.05:
            fields.append(fields[0])  # a key twice
        draw.shuffle(fields)
        space = draw.choice(["", " "])
        lines.append(space + "{" + ",".join('"%s":%s%s' % (key, space, item) for key, item in fields) + "}" + space)
    content = end.join(lines) + (end if draw.random() < 0.8 else "")
    return (b"\xef\xbb\xbf" if draw.random() < 0.2 else b"") + content.encode("utf-8", "surrogatepass")


def tagged(item):
    """A value as text with its kind: JSON itself has one kind of number."""
    if item is None or isinstance(item, list):
        return item if item is None else [tagged(each) for each in item]
    if isinstance(item, bool):
        return "b:" + str(item).lower()
    if isinstance(item, (int, float)):
        return "n:" + repr(item)
    return "s:" + base64.b64encode(item.encode("utf-16-be", "surrogatepass")).decode()


def rows_of_objects(content):
    try:
        lines = content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return [{key: tagged(item) for key, item in json.loads(line).items()} for line in lines if line.strip(" \t")]
    except (UnicodeDecodeError, json.JSONDecodeError):
        return None


def main():
    draw = random.Random(SEED)
    files = []
    for number in range(300):
        kind = ("csv", "csv", "json", "json", "tsv")[number % 5]
        content = objects(draw) if kind == "json" else table(draw, "," if kind == "csv" else "\t", kind == "csv")
        if draw.random() < 0.05:  # and some that are no UTF-8
            at = draw.randrange(len(content) + 1)
            content = content[:at] + draw.choice([b"\xff", b"\xc3", b"\xed\xa0\x80"]) + content[at:]
        rows = rows_of_objects(content) if kind == "json" else rows_of_table(content, "," if kind == "csv" else "\t", kind == "csv")
        files.append({"name": "%03d.%s" % (number, kind), "content": base64.b64encode(content).decode(), "rows": rows})
    head = '{"generator":"src/test/python/make_odd_files.py",\n"files":[\n'
    FIXTURE.write_text(head + ",\n".join(json.dumps(file, ensure_ascii=True) for file in files) + "\n]}\n")


main()
