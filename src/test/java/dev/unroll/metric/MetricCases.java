package dev.unroll.metric;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What scikit-learn computed, read from {@code fixtures/metrics.json}; {@code src/test/python/metric_values.py} made it. */
public final class MetricCases {

    private static final JsonNode FILE = read();

    private MetricCases() {}

    /** @param expected metrics by name */
    public record OfClasses(
            String name,
            int classes,
            List<ClassTerm> terms,
            Map<String, Double> expected,
            Map<String, List<Double>> ofClass,
            List<List<Double>> confusion) {
        @Override
        public String toString() {
            return name;
        }
    }

    /**
     * @param expected metrics by name
     * @param present labels that occur, of which {@code ofClass} has figures
     */
    public record OfLabelSets(
            String name,
            List<LabelSetTerm> terms,
            Map<String, Double> expected,
            int[] present,
            Map<String, List<Double>> ofClass) {

        public int labels() {
            return terms.get(0).probabilities().length;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /** @param expected metrics by name */
    public record OfNumbers(
            String name, List<Double> levels, List<NumberTerm> terms, Map<String, Double> expected, long zeros) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static JsonNode read() {
        try (InputStream in = MetricCases.class.getResourceAsStream("/fixtures/metrics.json")) {
            return new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static Stream<OfClasses> ofClasses() {
        return cases().filter(node -> node.has("classes")).map(node -> {
            List<ClassTerm> terms = new ArrayList<>();
            for (int n = 0; n < node.get("labels").size(); n++) {
                float[] probabilities = floats(node.get("probabilities").get(n));
                int predicted = 0;
                for (int c = 0; c < probabilities.length; c++) {
                    predicted = probabilities[c] > probabilities[predicted] ? c : predicted;
                }
                double weight = node.get("weights").get(n).asDouble();
                terms.add(new ClassTerm(weight, node.get("labels").get(n).asInt(), predicted, probabilities));
            }
            List<List<Double>> confusion = new ArrayList<>();
            node.get("confusion").forEach(row -> confusion.add(numbers(row)));
            return new OfClasses(
                    name(node), node.get("classes").asInt(), terms, metrics(node), ofClass(node), confusion);
        });
    }

    public static Stream<OfNumbers> ofNumbers() {
        return cases().filter(node -> node.has("targets")).map(node -> {
            List<NumberTerm> terms = new ArrayList<>();
            for (int n = 0; n < node.get("targets").size(); n++) {
                terms.add(new NumberTerm(
                        numbers(node.get("weights")).get(n),
                        numbers(node.get("targets")).get(n),
                        numbers(node.get("predictions")).get(n),
                        numbers(node.get("naive")).get(n),
                        numbers(node.get("seasonal")).get(n),
                        numbers(node.get("change")).get(n),
                        numbers(node.get("quantiles").get(n)).stream()
                                .mapToDouble(Double::doubleValue)
                                .toArray(),
                        Double.NaN));
            }
            return new OfNumbers(
                    name(node),
                    numbers(FILE.get("levels")),
                    terms,
                    metrics(node),
                    node.get("zeroTargets").asLong());
        });
    }

    public static Stream<OfLabelSets> ofLabelSets() {
        return cases().filter(node -> node.has("sets")).map(node -> {
            List<LabelSetTerm> terms = new ArrayList<>();
            for (int n = 0; n < node.get("sets").size(); n++) {
                float[] probabilities = floats(node.get("probabilities").get(n));
                int[] predicted = IntStream.range(0, probabilities.length)
                        .filter(c -> probabilities[c] > 0.5)
                        .toArray();
                double weight = node.get("weights").get(n).asDouble();
                terms.add(new LabelSetTerm(weight, indices(node.get("sets").get(n)), predicted, probabilities));
            }
            return new OfLabelSets(name(node), terms, metrics(node), indices(node.get("present")), ofClass(node));
        });
    }

    private static int[] indices(JsonNode array) {
        return numbers(array).stream().mapToInt(Double::intValue).toArray();
    }

    private static float[] floats(JsonNode array) {
        float[] floats = new float[array.size()];
        for (int c = 0; c < floats.length; c++) {
            floats[c] = (float) array.get(c).asDouble();
        }
        return floats;
    }

    private static Map<String, List<Double>> ofClass(JsonNode node) {
        Map<String, List<Double>> ofClass = new LinkedHashMap<>();
        node.get("ofClass").properties().forEach(figure -> ofClass.put(figure.getKey(), numbers(figure.getValue())));
        return ofClass;
    }

    private static Stream<JsonNode> cases() {
        List<JsonNode> cases = new ArrayList<>();
        FILE.get("cases").forEach(cases::add);
        return cases.stream();
    }

    private static String name(JsonNode node) {
        return node.get("name").asText();
    }

    private static Map<String, Double> metrics(JsonNode node) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        node.get("metrics")
                .properties()
                .forEach(
                        metric -> metrics.put(metric.getKey(), metric.getValue().asDouble()));
        return metrics;
    }

    /** Null is NaN. */
    private static List<Double> numbers(JsonNode array) {
        List<Double> numbers = new ArrayList<>();
        array.forEach(number -> numbers.add(number.isNull() ? Double.NaN : number.asDouble()));
        return numbers;
    }
}
