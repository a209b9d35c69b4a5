package dev.unroll.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.unroll.testing.SparkTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code evaluate} with weights and by group: its last line, the lines before it, and the table in output. */
@SparkTest(settings = "spark.sql.shuffle.partitions=2")
class MetricsByGroupTest {

    private static final String TRAIN = " --hidden-size 3 --max-iter 3 --num-shards 2 --engine local --model ";

    @TempDir
    private static Path directory;

    private static SparkSession session;
    private static CommandRunner commands;
    private static String names;
    private static String evaluate;

    @BeforeAll
    static void train(SparkSession spark) throws IOException {
        session = spark;
        commands = new CommandRunner(spark);
        StringBuilder csv = new StringBuilder("name,sex,town,weight\n");
        for (int n = 0; n < 24; n++) {
            char letter = (char) ('a' + n % 20);
            String town = n % 3 == 0 ? "\"York, new\"" : n % 3 == 1 ? "" : "Bath";
            csv.append(letter)
                    .append(n % 2 == 0 ? "na,F," : "bo,M,")
                    .append(town)
                    .append(n % 5 == 0 ? ",2\n" : ",1\n");
        }
        names = Files.writeString(directory.resolve("names.csv"), csv).toString();
        String model = directory.resolve("names").toString();
        commands.run("train --train " + names + " --features-col name --label-col sex" + TRAIN + model)
                .json();
        evaluate = "evaluate --model " + model + " --input " + names;
    }

    private static List<JsonNode> lines(CommandRunner.Outcome outcome) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : outcome.out().lines().toList()) {
            if (line.startsWith("{")) {
                lines.add(new ObjectMapper().readTree(line));
            }
        }
        return lines;
    }

    @Test
    void lines_areTheGroupsAscending_beforeTheLastOne() throws IOException {
        CommandRunner.Outcome outcome = commands.run(evaluate + " --by town");
        List<JsonNode> lines = lines(outcome);
        assertEquals(4, lines.size(), outcome.out());
        assertEquals(3, outcome.json().get("groups").asInt());
        assertTrue(lines.get(0).get("town").isNull(), lines.get(0).toString());
        assertEquals("Bath", lines.get(1).get("town").asText());
        assertEquals("York, new", lines.get(2).get("town").asText());
        double hits = 0;
        for (JsonNode group : lines.subList(0, 3)) {
            assertEquals(8, group.get("terms").asInt());
            hits += 8 * group.get("accuracy").asDouble();
            outcome.json().get("metrics").fieldNames().forEachRemaining(name -> {
                assertEquals(!name.equals("loss"), group.has(name), name);
            });
        }
        assertEquals(hits / 24, outcome.json().get("metrics").get("accuracy").asDouble(), 1e-12);
        assertEquals(0, hits % 1);
    }

    /** In one file, ascending; a group of one label has no curve. */
    @Test
    void output_isATableOfTheGroups() throws IOException {
        String output = directory.resolve("groups").toString();
        JsonNode last = commands.run(evaluate + " --by sex,town --output " + output + " --output-format json")
                .json();
        assertEquals(6, last.get("groups").asInt());
        assertEquals(output, last.get("output").asText());
        List<Row> rows = session.read().json(output).coalesce(1).collectAsList();
        assertEquals(
                List.of("F null", "F Bath", "F York, new", "M null", "M Bath", "M York, new"),
                rows.stream()
                        .map(row -> row.getAs("sex") + " " + row.getAs("town"))
                        .toList());
        for (Row row : rows) {
            assertEquals(4, row.<Long>getAs("terms"));
            assertFalse(List.of(row.schema().fieldNames()).contains("areaUnderROC"));
        }
    }

    /** Of whole numbers they are numbers of copies, which are whole in confusion too where there are no weights. */
    @Test
    void weights_countInEveryMetric() {
        JsonNode plain = commands.run(evaluate).json();
        JsonNode weighted = commands.run(evaluate + " --weight-col weight").json();
        double[] sums = new double[2];
        double[] hits = new double[2];
        for (int label = 0; label < 2; label++) {
            for (int predicted = 0; predicted < 2; predicted++) {
                assertTrue(plain.get("confusion").get(label).get(predicted).isIntegralNumber());
                double cell =
                        weighted.get("confusion").get(label).get(predicted).asDouble();
                sums[label] += cell;
                hits[label] += label == predicted ? cell : 0;
            }
        }
        assertEquals(29, sums[0] + sums[1]);
        assertEquals(
                (hits[0] + hits[1]) / 29,
                weighted.get("metrics").get("accuracy").asDouble(),
                1e-12);
        assertEquals(
                weighted.get("metrics").get("loss").asDouble(),
                weighted.get("metrics").get("logLoss").asDouble(),
                1e-6);
        JsonNode female = weighted.get("perClass").get("F");
        assertEquals(hits[0] / sums[0], female.get("recall").asDouble(), 1e-12);
        assertEquals(12, female.get("count").asInt());
        assertTrue(female.has("areaUnderROC"), female.toString());
    }

    /** Before any row is predicted, and so before the label of one is refused. */
    @Test
    void columns_thatCannotBeGroups_areRefusedFirst() throws IOException {
        Path unknown = Files.writeString(directory.resolve("unknown.json"), """
                {"name": "na", "sex": "X", "town": "Bath", "accuracy": "high", "height": 1.5}
                """);
        String given = evaluate.replace(names, unknown.toString()) + " --format json";
        commands.run(given).assertRefused("X");
        commands.run(given + " --by city").assertRefused("by is city, and there is no such column");
        commands.run(given + " --by height").assertRefused("by is height, which is of type double");
        commands.run(given + " --by accuracy")
                .assertRefused("the table of groups has two columns of the name accuracy");
    }

    @Test
    void combinations_thatMakeNoSense_areRefused() {
        commands.run(evaluate + " --by city")
                .assertRefused("by is city, and there is no such column", "name, sex, town");
        commands.run(evaluate + " --by town --top 3 --output " + directory.resolve("both"))
                .assertRefused("by is town, and top is 3: both write a table to output");
        commands.run(evaluate + " --output " + directory.resolve("none"))
                .assertRefused("output is given without top, the number of rows to write, or by");
        commands.run(evaluate + " --by town --output-format json")
                .assertRefused("output-format is given without output, a directory or a table to write to");
        commands.run(List.of((evaluate + " --by \"town").split(" ")))
                .assertRefused("by is \"town; allowed are column names");
        String model = directory.resolve("language").toString();
        commands.run("train --task language-model --train " + names + " --features-col name" + TRAIN + model)
                .json();
        commands.run("evaluate --model " + model + " --input " + names + " --by town")
                .assertRefused("by is town, and the model is a language model");
    }
}
