package dev.unroll.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.unroll.cli.CommandRunner;
import dev.unroll.testing.SparkTest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Columns known ahead on the command line: a forecast of several days by shop, as arrays and as rows. */
@Tag("slow")
@SparkTest(settings = "spark.sql.shuffle.partitions=2")
class KnownAheadTest {

    private static final int DAYS = 40;
    private static final int FUTURE = 3;
    private static final LocalDate FIRST = LocalDate.of(2024, 3, 1);

    private static final String COLUMNS = " --prepare windows --time-col day --key-cols shop --numeric-cols sold,price"
            + " --categorical-cols offer:2 --target-cols sold --window-length 6 --scale window ";
    private static final String KNOWN = COLUMNS + "--known-cols price,offer --horizon 3 --time-features weekday ";

    @TempDir
    private static Path directory;

    private static TableCommands commands;
    private static String model;
    private static JsonNode trained;

    @BeforeAll
    static void train(SparkSession spark) throws IOException {
        commands = new TableCommands(spark, directory);
        List<String> lines = new ArrayList<>(List.of("day,shop,sold,price,offer"));
        for (String shop : List.of("north", "south")) {
            for (int day = 0; day < DAYS + FUTURE; day++) {
                int price = 1 + day % 3;
                int sold = (shop.equals("north") ? 20 : 300) - 4 * price + day * day % 7;
                lines.add(FIRST.plusDays(day) + "," + shop + "," + (day < DAYS ? sold : "") + "," + price + ","
                        + (day % 5 == 0 ? "yes" : "no"));
            }
        }
        commands.write("plans.csv", lines);
        trained = commands.run(
                        "train --train DIR/plans.csv" + KNOWN + "--season 2 --validation-from " + FIRST.plusDays(30))
                .json();
        model = trained.get("model").asText();
    }

    private static List<JsonNode> predicted(String keys) throws IOException {
        List<JsonNode> rows = new ArrayList<>();
        for (String row : commands.predicted("predict --model " + model + " --input DIR/plans.csv " + keys)) {
            rows.add(new ObjectMapper().readTree(row));
        }
        return rows;
    }

    @Test
    void errorsByStep_areThoseOfTheRowsThatPredictWrites() throws IOException {
        String from = "--label-from " + FIRST.plusDays(30);
        JsonNode evaluated = commands.run("evaluate --model " + model + " --input DIR/plans.csv " + from)
                .json();
        double[] sums = new double[3];
        int[] counts = new int[3];
        for (JsonNode row : predicted("--explode true " + from)) {
            int step = row.get("horizonStep").asInt();
            LocalDate last = LocalDate.parse(row.get("day").asText());
            assertEquals(
                    last.plusDays(step), LocalDate.parse(row.get("labelTime").asText()));
            if (row.hasNonNull("label")) {
                sums[step - 1] += Math.abs(
                        row.get("prediction").asDouble() - row.get("label").asDouble());
                counts[step - 1]++;
            }
        }
        double sum = 0;
        int count = 0;
        for (int step = 0; step < 3; step++) {
            assertEquals(2 * (10 - step), counts[step]);
            assertEquals(
                    sums[step] / counts[step],
                    evaluated.get("meanAbsoluteErrorByStep").get(step).asDouble(),
                    1e-9 * sums[step]);
            sum += sums[step];
            count += counts[step];
        }
        JsonNode metrics = evaluated.get("metrics");
        assertEquals(sum / count, metrics.get("meanAbsoluteError").asDouble(), 1e-9 * sum);
        assertTrue(metrics.has("naiveMeanAbsoluteError"), metrics.toString());
        // Those before the label of the future, of which one or two steps are known, count too.
        assertEquals(2 * 10, evaluated.get("sequences").asInt());
        assertTrue(trained.get("validation").has("meanAbsoluteScaledError"), trained.toString());
    }

    /** Quantiles of every step, exploded and not, in validation, evaluation and backtest: all by the rows that are written. */
    @ParameterizedTest
    @ValueSource(strings = {"quantile:0.1,0.5,0.8", "gaussian --quantiles 0.1,0.5,0.8"})
    void quantiles_areThoseOfEveryStep(String setting) throws IOException {
        JsonNode quantile = commands.run("train --train DIR/plans.csv" + KNOWN
                        + "--loss " + setting + " --backtest 2:4 --backtest-refit false --overwrite --output DIR/tested"
                        + " --output-format json")
                .json();
        String from = " --label-from " + FIRST.plusDays(30);
        String input = " --model " + quantile.get("model").asText() + " --input DIR/plans.csv" + from;
        List<String> exploded = commands.predicted("predict" + input + " --quantiles-col q --explode true");
        List<String> arrays = commands.predicted("predict" + input + " --quantiles-col q");
        List<JsonNode> ofArrays = new ArrayList<>();
        for (String line : arrays) {
            new ObjectMapper().readTree(line).get("q").forEach(ofArrays::add);
        }
        double pinball = 0;
        double covered = 0;
        int count = 0;
        List<JsonNode> ofRows = new ArrayList<>();
        for (String line : exploded) {
            JsonNode row = new ObjectMapper().readTree(line);
            JsonNode q = row.get("q");
            ofRows.add(q);
            assertEquals(3, q.size());
            assertEquals(q.get(1), row.get("prediction"));
            if (row.hasNonNull("label")) {
                double y = row.get("label").asDouble();
                pinball += pinballLoss(y, q);
                covered += q.get(0).asDouble() <= y && y <= q.get(2).asDouble() ? 1 : 0;
                count++;
            }
        }
        assertEquals(ofArrays, ofRows);
        JsonNode metrics = commands.run("evaluate" + input).json().get("metrics");
        assertEquals(pinball / count, metrics.get("pinballLoss").asDouble(), 1e-9 * pinball);
        assertEquals(covered / count, metrics.get("coverage").asDouble(), 1e-12);

        double tested = 0;
        List<String> forecasts = TableCommands.rows(directory.resolve("tested"));
        for (String line : forecasts) {
            JsonNode row = new ObjectMapper().readTree(line);
            double loss = pinballLoss(row.get("label").asDouble(), row.get("quantiles"));
            assertEquals(loss, row.get("pinballLoss").asDouble(), 1e-12 * loss);
            assertEquals(row.get("quantiles").get(1), row.get("prediction"));
            tested += loss;
        }
        JsonNode means = quantile.get("backtest").get("metrics");
        assertEquals(12, forecasts.size());
        assertEquals(tested / 12, means.get("pinballLoss").asDouble(), 1e-9 * tested);
        assertTrue(means.get("coverage").asDouble() <= 1, means.toString());
    }

    @Test
    void quantiles_ofAModelWithoutAny_areRefused() {
        String input = "--model " + model + " --input DIR/plans.csv";
        String losses = "it goes with loss gaussian, student-t, poisson and negative-binomial";
        commands.run("predict " + input + " --output DIR/none --quantiles-col q")
                .assertRefused("quantiles-col is given, and the model's loss is squared-error, which has no quantiles;"
                        + " it goes with loss quantile, gaussian, student-t, poisson and negative-binomial");
        for (String command : List.of("evaluate ", "predict --output DIR/none ")) {
            commands.run(command + input + " --quantiles 0.1,0.9")
                    .assertRefused("quantiles is 0.1,0.9, and the model's loss is squared-error; " + losses);
        }
        String train = "train --train DIR/plans.csv" + KNOWN;
        commands.run(train + "--quantiles 0.2").assertRefused("quantiles is 0.2, and loss is squared; " + losses);
        commands.run(train + "--loss gaussian --quantiles 0.9,0.1")
                .assertRefused(
                        "quantiles is 0.9,0.1; allowed", "levels above 0 and below 1, each above the one before");
    }

    private static double pinballLoss(double y, JsonNode quantiles) {
        double sum = 0;
        for (int k = 0; k < 3; k++) {
            double level = new double[] {0.1, 0.5, 0.8}[k];
            double below = y - quantiles.get(k).asDouble();
            sum += Math.max(level * below, (level - 1) * below);
        }
        return sum / 3;
    }

    @Test
    void forecast_isOneRowByShopAndStep_orAnArray() throws IOException {
        String from = "--label-from " + FIRST.plusDays(DAYS);
        Map<String, List<JsonNode>> steps = new TreeMap<>();
        for (JsonNode row : predicted("--explode true " + from)) {
            assertTrue(!row.hasNonNull("label"), row.toString());
            steps.computeIfAbsent(row.get("shop").asText(), shop -> new ArrayList<>())
                    .add(row);
        }
        List<JsonNode> arrays = predicted(from);
        assertEquals(2, arrays.size());
        for (JsonNode row : arrays) {
            List<JsonNode> ofShop = steps.get(row.get("shop").asText());
            assertEquals(3, ofShop.size());
            assertEquals(3, row.get("prediction").size());
            assertEquals(3, row.get("labelTime").size());
            assertTrue(!row.hasNonNull("label"), row.toString());
            assertEquals(FIRST.plusDays(DAYS - 1).toString(), row.get("day").asText());
            for (JsonNode step : ofShop) {
                int k = step.get("horizonStep").asInt() - 1;
                assertEquals(row.get("prediction").get(k), step.get("prediction"));
                assertEquals(row.get("labelTime").get(k), step.get("labelTime"));
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "predict --model MODEL --horizon 2 --input | the windows have 2 steps of known-cols ahead, and the model"
                        + " predicts 3; allowed are known-cols and horizon of the training",
                "train --known-cols price --train | known-cols is given, and prepare is none; it goes with prepare windows",
                "train KNOWN --missing error --train | known-cols leaves what is not known ahead missing in the steps of the horizon",
                "train KNOWN --known-cols sold --train | known-cols has sold, which is the target",
                "train KNOWN --known-cols time --train | known-cols has time, which is in neither numeric-cols nor",
                "train KNOWN --task tagging --train | known-cols goes with prepare windows and task regression",
            })
    void keysThatDoNotGoTogether_areRefused(String line, String said) {
        String given = line.replace("MODEL", model).replace("KNOWN", KNOWN.strip());
        if (given.contains("--known-cols price,offer") && line.contains("KNOWN --known")) {
            given = given.replace("--known-cols price,offer ", "");
        }
        String output = line.startsWith("predict") ? " --output DIR/none" : "";
        CommandRunner.Outcome refused = commands.run(given + " DIR/plans.csv" + output);
        assertEquals(2, refused.code());
        assertTrue(refused.err().contains(said), refused.err());
    }

    @Test
    void explode_goesWithAHorizon() {
        String other = commands.model("train --train DIR/plans.csv" + COLUMNS + " --handle-invalid skip");
        CommandRunner.Outcome refused =
                commands.run("predict --explode true --model " + other + " --input DIR/plans.csv --output DIR/none");
        assertEquals(2, refused.code());
        assertTrue(
                refused.err().startsWith("unroll: explode is true, and the model predicts one value a row"),
                refused.err());
    }
}
