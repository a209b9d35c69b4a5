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
                List<Double> row = numbers(node.get("probabilities").get(n));
                float[] probabilities = new float[row.size()];
                int predicted = 0;
                for (int c = 0; c < probabilities.length; c++) {
                    probabilities[c] = row.get(c).floatValue();
                    predicted = probabilities[c] > probabilities[predicted] ? c : predicted;
                }
                double weight = node.get("weights").get(n).asDouble();
                terms.add(new ClassTerm(weight, node.get("labels").get(n).asInt(), predicted, probabilities));
            }
            Map<String, List<Double>> ofClass = new LinkedHashMap<>();
            node.get("ofClass")
                    .properties()
                    .forEach(figure -> ofClass.put(figure.getKey(), numbers(figure.getValue())));
            List<List<Double>> confusion = new ArrayList<>();
            node.get("confusion").forEach(row -> confusion.add(numbers(row)));
            return new OfClasses(name(node), node.get("classes").asInt(), terms, metrics(node), ofClass, confusion);
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
