package dev.unroll.metric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every metric against scikit-learn's, and the same bits from any order and partitions. */
class ScikitLearnTest {

    private static final double TOLERANCE = 1e-9;

    /** Relative for numbers above 1, absolute below; NaN is NaN. */
    private static void assertClose(double expected, double actual, String what) {
        if (Double.isNaN(expected)) {
            assertEquals(expected, actual, what);
        } else {
            assertEquals(expected, actual, TOLERANCE * Math.max(1, Math.abs(expected)), what);
        }
    }

    private static void assertMetrics(Map<String, Double> expected, Map<String, Double> actual) {
        expected.forEach((name, value) -> {
            assertNotNull(actual.get(name), name + " is not in " + actual);
            assertClose(value, actual.get(name), name);
        });
        assertEquals(new TreeMap<>(expected).keySet(), new TreeMap<>(actual).keySet());
    }

    private record Score(float score, boolean positive, double weight) {}

    /** The curve of a class, made of parts that are cut at random between different scores. */
    private static RankCurve curve(List<Score> scores, Random random) throws IOException {
        List<Score> sorted = new ArrayList<>(scores);
        Collections.shuffle(sorted, random);
        sorted.sort(Comparator.comparingDouble(score -> -score.score()));
        RankCurve whole = new RankCurve();
        RankCurve ahead = new RankCurve();
        RankCurve part = new RankCurve();
        float latest = Float.NaN;
        for (Score term : sorted) {
            float score = term.score();
            if (score != latest && random.nextInt(10) == 0) {
                part.end();
                whole.append(copy(part));
                ahead = new RankCurve();
                ahead.begin(whole);
                part = new RankCurve();
                part.begin(ahead);
            }
            latest = score;
            part.add(score, term.positive(), term.weight());
        }
        part.end();
        whole.append(copy(part));
        return whole;
    }

    private static RankCurve copy(RankCurve curve) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        curve.write(new DataOutputStream(bytes));
        return RankCurve.read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
    }

    private static List<RankCurve> curves(MetricCases.OfClasses given, Random random) throws IOException {
        List<RankCurve> curves = new ArrayList<>();
        for (int c = 0; c < given.classes(); c++) {
            int own = c;
            curves.add(curve(
                    given.terms().stream()
                            .map(term -> new Score(term.probabilities()[own], term.label() == own, term.weight()))
                            .toList(),
                    random));
        }
        return curves;
    }

    private static List<RankCurve> curves(MetricCases.OfLabelSets given, Random random) throws IOException {
        List<RankCurve> curves = new ArrayList<>();
        for (int c = 0; c < given.labels(); c++) {
            int own = c;
            curves.add(curve(
                    given.terms().stream()
                            .map(term -> new Score(
                                    term.probabilities()[own],
                                    IntStream.of(term.labels()).anyMatch(label -> label == own),
                                    term.weight()))
                            .toList(),
                    random));
        }
        return curves;
    }

    @ParameterizedTest
    @MethodSource("dev.unroll.metric.MetricCases#ofLabelSets")
    void labelSets_haveItsMetrics_andTheSameBitsInAnyOrderAndParts(MetricCases.OfLabelSets given) throws IOException {
        Map<String, Double> first = null;
        for (int seed = 0; seed < 20; seed++) {
            LabelSetSums sums = sums(given.terms(), () -> new LabelSetSums(given.labels()), new Random(seed));
            Map<String, Double> metrics = new HashMap<>(sums.metrics());
            metrics.putAll(RankMetrics.of(curves(given, new Random(seed)), false));
            if (first == null) {
                first = metrics;
                assertMetrics(given.expected(), metrics);
                for (int i = 0; i < given.present().length; i++) {
                    int c = given.present()[i];
                    assertClose(
                            given.ofClass().get("precision").get(i),
                            sums.classes().precision(c),
                            "precision " + c);
                    assertClose(
                            given.ofClass().get("recall").get(i), sums.classes().recall(c), "recall " + c);
                    assertClose(given.ofClass().get("f1").get(i), sums.classes().f1(c), "F1 " + c);
                }
            }
            assertEquals(first, metrics, "seed " + seed);
        }
    }

    /** Sums of shuffled terms in random parts, of which some are empty, merged in random order. */
    private static <T, S extends MetricSums<T>> S sums(List<T> terms, Supplier<S> zero, Random random)
            throws IOException {
        List<T> shuffled = new ArrayList<>(terms);
        Collections.shuffle(shuffled, random);
        List<S> parts = new ArrayList<>();
        int count = 1 + random.nextInt(6);
        for (int i = 0; i < count; i++) {
            parts.add(zero.get());
        }
        shuffled.forEach(term -> parts.get(random.nextInt(parts.size())).add(term));
        S whole = zero.get();
        for (S part : parts) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            part.write(new DataOutputStream(bytes));
            whole.merge(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
        }
        return whole;
    }

    @ParameterizedTest
    @MethodSource("dev.unroll.metric.MetricCases#ofClasses")
    void classes_haveItsMetrics(MetricCases.OfClasses given) throws IOException {
        ClassSums sums = sums(given.terms(), () -> new ClassSums(given.classes()), new Random(1));
        List<RankCurve> curves = curves(given, new Random(1));
        Map<String, Double> metrics = new HashMap<>(sums.metrics());
        metrics.putAll(RankMetrics.of(curves, true));
        assertMetrics(given.expected(), metrics);
        for (int c = 0; c < given.classes(); c++) {
            assertClose(
                    given.ofClass().get("precision").get(c), sums.classes().precision(c), "precision of class " + c);
            assertClose(given.ofClass().get("recall").get(c), sums.classes().recall(c), "recall of class " + c);
            assertClose(given.ofClass().get("f1").get(c), sums.classes().f1(c), "F1 of class " + c);
            double area = curves.get(c).areaUnderRoc();
            assertClose(given.ofClass().get("areaUnderROC").get(c), area, "area of class " + c);
            double average = curves.get(c).averagePrecision();
            assertClose(given.ofClass().get("averagePrecision").get(c), average, "average precision of class " + c);
            for (int prediction = 0; prediction < given.classes(); prediction++) {
                double cell = sums.confusion(c, prediction);
                assertClose(given.confusion().get(c).get(prediction), cell, "cell " + c + ", " + prediction);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dev.unroll.metric.MetricCases#ofClasses")
    void classes_haveTheSameBits_inAnyOrderAndParts(MetricCases.OfClasses given) throws IOException {
        Map<String, Double> expected = null;
        for (int seed = 0; seed < 20; seed++) {
            Map<String, Double> metrics =
                    new HashMap<>(sums(given.terms(), () -> new ClassSums(given.classes()), new Random(seed))
                            .metrics());
            metrics.putAll(RankMetrics.of(curves(given, new Random(seed)), true));
            expected = expected == null ? metrics : expected;
            assertEquals(expected, metrics, "seed " + seed);
        }
    }

    /** As with {@code zero_division=0}. */
    @Test
    void setsWithoutAnyLabel_areAllRight() {
        LabelSetSums sums = new LabelSetSums(2);
        sums.add(new LabelSetTerm(2, new int[0], new int[0], new float[] {0.2f, 0.1f}));
        Map<String, Double> metrics = sums.metrics();
        assertEquals(1, metrics.get("accuracy"));
        assertEquals(0, metrics.get("hammingLoss"));
        for (String name : List.of("microF1", "macroF1", "weightedF1", "weightedPrecision", "macroRecall")) {
            assertEquals(0, metrics.get(name), name);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.unroll.metric.MetricCases#ofNumbers")
    void numbers_haveItsMetrics(MetricCases.OfNumbers given) throws IOException {
        NumberSums sums = sums(given.terms(), () -> new NumberSums(given.levels(), false, 7), new Random(1));
        assertMetrics(given.expected(), sums.metrics());
        assertEquals(Map.of("terms", (long) given.terms().size(), "zeroTargets", given.zeros()), sums.counts());
    }

    @ParameterizedTest
    @MethodSource("dev.unroll.metric.MetricCases#ofNumbers")
    void numbers_haveTheSameBits_inAnyOrderAndParts(MetricCases.OfNumbers given) throws IOException {
        Map<String, Double> expected = sums(
                        given.terms(), () -> new NumberSums(given.levels(), false, 7), new Random(-1))
                .metrics();
        for (int seed = 0; seed < 20; seed++) {
            NumberSums sums = sums(given.terms(), () -> new NumberSums(given.levels(), false, 7), new Random(seed));
            assertEquals(expected, sums.metrics(), "seed " + seed);
        }
    }
}
