package dev.unroll.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.unroll.testing.SparkTest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code scale by-key} on the command line: shops of very different sizes, and one that opens after the training. */
@Tag("slow")
@SparkTest(settings = "spark.sql.shuffle.partitions=2")
class KeyScaleCommandTest {

    private static final int DAYS = 40;
    private static final String FAULT = "a series without rows to train on, so scale by-key has no scale for it";

    @TempDir
    private static Path directory;

    private static TableCommands commands;
    private static String keys;
    private static String model;
    private static JsonNode trained;

    @BeforeAll
    static void train(SparkSession spark) throws IOException {
        commands = new TableCommands(spark, directory);
        List<String> lines = new ArrayList<>(List.of("day,shop,sold"));
        for (int shop = 0; shop < 4; shop++) {
            for (int day = shop == 3 ? 32 : 0; day < DAYS; day++) {
                double sold = Math.scalb(1.0, 6 * shop) * (10 + day % 7);
                lines.add(day + "," + shop + "," + sold);
            }
        }
        commands.write("shops.csv", lines);
        lines.removeIf(line -> line.contains(",3,"));
        commands.write("known.csv", lines);
        keys =
                " --prepare windows --time-col day --key-cols shop --value-cols sold --window-length 7 --validation-from 30";
        trained = commands.train(
                        "train --train DIR/known.csv" + keys
                                + " --scale by-key --max-iter 200 --step-size 0.02 --hidden-size 8 --num-shards 1 --engine local")
                .json();
        model = trained.get("model").asText();
    }

    /** A week says what comes next, so every shop is predicted to some percent of what it sells. */
    @Test
    void predictions_areOfTheSizeOfTheirShop() throws IOException {
        int known = 0;
        for (String line : commands.predicted("predict --model " + model + " --input DIR/known.csv")) {
            JsonNode row = new ObjectMapper().readTree(line);
            if (row.hasNonNull("label")) {
                double label = row.get("label").asDouble();
                assertEquals(label, row.get("prediction").asDouble(), 0.2 * label, line);
                known++;
            }
        }
        assertEquals(3 * (DAYS - 7), known);
        double error = trained.get("validation").get("meanAbsoluteError").asDouble();
        assertEquals(
                error,
                commands.run("evaluate --model " + model + " --input DIR/known.csv --label-from 30")
                        .json()
                        .get("metrics")
                        .get("meanAbsoluteError")
                        .asDouble(),
                1e-12 * error);
    }

    @Test
    void shopThatOpenedLater_isRefusedByName_orLeftOutAndCounted() {
        for (String line : List.of(
                "train --train DIR/shops.csv" + keys + " --scale by-key",
                "predict --model " + model + " --input DIR/shops.csv --output DIR/refused",
                "evaluate --model " + model + " --input DIR/shops.csv")) {
            commands.run(line).assertRefused("column shop: " + FAULT + ", value 3");
            JsonNode skipped = commands.run(line.replace("refused", "skipped") + " --handle-invalid skip")
                    .json()
                    .get("skipped");
            assertTrue(skipped.get("shop: " + FAULT).asInt() > 0, line + skipped);
        }
    }

    @Test
    void backtest_leavesAShopOut_thatOpenedAfterItsOrigin() {
        String line = "train --train DIR/shops.csv --prepare windows --time-col day --key-cols shop --value-cols sold"
                + " --window-length 3 --scale by-key --backtest 2:4 --output DIR/backtest";
        JsonNode skipped = commands.run(line).json().get("backtest").get("skipped");
        assertEquals("{\"no window to train on before the origin\":1}", skipped.toString());
    }

    @Test
    void graph_isRefused() {
        commands.run("export --model " + model + " --to onnx --output DIR/shops.onnx")
                .assertRefused("the model scales by key, shop, and an ONNX graph reads none");
    }
}
