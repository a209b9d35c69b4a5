package dev.unroll.preflight;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.format.FormatException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Costs of a cluster as a file: what was written comes back, and everything else is refused by name. */
class ClusterCostsTest {

    private static ExchangeCost exchange(Random random) {
        return new ExchangeCost(
                random.nextDouble(), random.nextDouble(), 1e-9 * random.nextDouble(), 1e9 * random.nextDouble());
    }

    private static String written(ClusterCosts costs) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        costs.write(out);
        return out.toString(StandardCharsets.UTF_8);
    }

    private static ClusterCosts read(String text) throws IOException {
        return ClusterCosts.read(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), "costs.json");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void costs_comeBackAsTheyWere(boolean withRate) throws IOException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        ClusterCosts costs = new ClusterCosts(
                new ClusterCosts.Origin("2 processors, \"ä\"", "21", random.nextInt(100), "2026-12-01"),
                withRate ? OptionalDouble.of(100 * random.nextDouble()) : OptionalDouble.empty(),
                random.nextDouble(),
                random.nextDouble(),
                random.nextDouble(),
                random.nextDouble(),
                random.nextDouble(),
                random.nextDouble(),
                random.nextDouble(),
                random.nextDouble(),
                exchange(random),
                exchange(random),
                exchange(random),
                exchange(random),
                exchange(random));
        String text = written(costs);
        assertEquals(costs, read(text), () -> "seed " + seed);
        assertTrue(text.startsWith(ClusterCosts.BEGINNING), text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"version\":1 | \"version\":2 | /version is 2; allowed is a whole number from 1 to 1",
                "\"taskMs\":0.5, |  | lacks the field taskMs",
                "\"taskMs\":0.5 | \"taskMs\":-0.5 | /taskMs is -0.5; allowed is a finite number, at least 0.0",
                "\"taskMs\":0.5 | \"taskMs\":1e999 | /taskMs is 1e999; allowed is a finite number, at least 0.0",
                "\"taskMs\":0.5 | \"taskMs\":\"0.5\" | /taskMs is a string; allowed is a number",
                "\"taskMs\":0.5 | \"taskMs\":0.5,\"tax\":1 | /tax is an unknown field",
                "\"taskMs\":0.5 | \"taskMs\":0.5,\"gigaflops\":0 | /gigaflops is 0; allowed is a finite number",
                "\"ms\":9.5 | \"ms\":true | /collect/ms is true; allowed is a number",
                "unroll-costs | unroll-cost | /format is",
                "} | }} | is not valid JSON",
            })
    void whatIsNoCosts_isRefusedByName(String part, String other, String sentence) throws IOException {
        String text = written(ClusterCosts.usual(false));
        assertTrue(text.contains(part), text);
        int at = part.equals("}") ? text.length() - 1 : text.indexOf(part);
        String changed = text.substring(0, at) + (other == null ? "" : other) + text.substring(at + part.length());
        FormatException refused = assertThrows(FormatException.class, () -> read(changed));
        assertTrue(refused.getMessage().startsWith("costs.json"), refused::getMessage);
        assertTrue(refused.getMessage().contains(sentence), refused::getMessage);
    }

    @Test
    void exchange_isLinearInTasksAndBytes() {
        ExchangeCost cost = new ExchangeCost(1, 2, 3, 5);
        assertEquals(1 + 2 * 7 + 11 * (3 + 5 * 13), cost.ms(7, 13, 11), 0);
    }
}
