"""Small tables of every kind of input, for test_local.py: each is made by a session of Spark and a generator of NumPy."""

import datetime
import itertools

from pyspark.ml.functions import array_to_vector


def words(spark, draw):
    """Texts of two letters, whose first one is the label, and each letter's tag, which the letter before has too."""
    rows = []
    for n in range(24):
        word = "".join(draw.choice(["a", "b"], 1 + n % 7)) + ("ß" if n % 5 == 0 else "")
        rows.append((n, word, "first" if word[0] == "a" or n == 0 else "other", [c if c < "c" else "a" for c in word]))
    rows[1] = (1, "ba", "other", ["b", "a"])
    return spark.createDataFrame(rows, ["id", "word", "label", "tags"])


def series(spark, draw):
    """Steps of two numbers, one of which is far from 0, with counts and numbers to predict."""
    rows = []
    for n in range(16):
        steps = draw.normal([0, 1.5], [1, 2], (1 + n % 6, 2))
        counts, vector = draw.poisson([3, 30]).astype(float).tolist(), 5e4 + 100 * steps[0]
        rows.append((steps.tolist(), counts[0], counts, vector.tolist(), steps[:, 0].tolist()))
    columns = "steps array<array<double>>, count double, counts array<double>, vector array<double>, each array<double>"
    data = spark.createDataFrame(rows, columns)
    return data.withColumn("counts", array_to_vector("counts")).withColumn("vector", array_to_vector("vector"))


def table(spark, draw):
    """Columns of numbers and categories, of steps and of whole sequences, some missing."""
    rows = []
    for n in range(16):
        length = 2 + n % 4
        some = lambda values: [None if draw.random() < 0.2 else value for value in values]
        prices, heats = some(draw.normal(100, 20, length).tolist()), some(draw.normal(size=length).tolist())
        pages = some(draw.choice(["home", "cart", "pay"], length).tolist())
        size, town = some([float(n), ["Bern", "Thun"][n % 2]])
        rows.append((prices, heats, pages, size, town, n % 3, [["x", "y"][t % 2] for t in range(length)], 7.0 * n))
    columns = "price array<double>, heat array<double>, page array<string>, size double, town string, label int, tags array<string>, number double"
    return spark.createDataFrame(rows, columns)


def sales(spark, draw):
    """Days of four series of counts, each at a level of its own."""
    rows = []
    for s, day in itertools.product(range(4), range(14)):
        date = datetime.date(2026, 3, 1) + datetime.timedelta(days=day)
        rows.append((f"shop {s // 2}", s % 2, date, float(draw.poisson(4**s)), float(draw.integers(1, 4)), ["none", "sale"][day % 3 // 2]))
    return spark.createDataFrame(rows, "shop string, item int, day date, sold double, price double, offer string")
