package dev.unroll.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.unroll.cli.CommandRunner.Outcome;
import dev.unroll.testing.SparkTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rule R3 for series: every row and every series is in a window, refused, or counted by its reason. */
@Tag("slow")
@SparkTest(
        settings = {
            "spark.sql.shuffle.partitions=1",
            "spark.sql.codegen.wholeStage=false",
            "spark.sql.codegen.factoryMode=NO_CODEGEN"
        })
class SeriesLeftOutTest {

    private static final String SMALL =
            " --hidden-size 2 --embedding-size 2 --max-iter 1 --num-shards 1 --engine local";
    private static final String WINDOWS = " --prepare windows --time-col day --value-cols sold --window-length 3";

    @TempDir
    static Path directory;

    private static CommandRunner command;
    private static int models;

    @BeforeAll
    static void makeRunner(SparkSession spark) {
        command = new CommandRunner(spark);
    }

    private static byte[] text(String... lines) {
        return (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private static Outcome train(String line) {
        return command.run("train --model " + directory + "/model-" + models++ + SMALL + " " + line);
    }

    private static Path folder(Map<String, byte[]> files) throws IOException {
        Path folder = directory.resolve("in-" + models++);
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Path path = folder.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.write(path, file.getValue());
        }
        return folder;
    }

    private static void assertCounted(Outcome outcome, int sequences, Map<String, Integer> skipped) {
        assertEquals(sequences, outcome.json().get("sequences").asInt(), outcome.line());
        assertEquals(new ObjectMapper().valueToTree(skipped), outcome.json().get("skipped"), outcome.line());
    }

    /**
     * Series of which some rows cannot be in a window.
     *
     * @param counts what skip counts
     * @param said words of the sentence under error; none where it is no error
     */
    private record Series(
            String name, String options, String rows, int sequences, Map<String, Integer> counts, List<String> said) {

        @Override
        public String toString() {
            return name;
        }
    }

    private static final String SHORT = "series shorter than a window";
    private static final String TWICE = "day: more than one row of a time in a series";

    private static Map<String, Integer> counts(Object... reasons) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        for (int i = 0; i < reasons.length; i += 2) {
            counts.put((String) reasons[i], (Integer) reasons[i + 1]);
        }
        return counts;
    }

    /** Days of a shop: {@code shop from to}. */
    private static String days(String shop, int from, int to) {
        StringBuilder rows = new StringBuilder();
        for (int day = from; day <= to; day++) {
            rows.append(day)
                    .append(',')
                    .append(shop)
                    .append(',')
                    .append(day * 3 % 7)
                    .append('\n');
        }
        return rows.toString();
    }

    static Stream<Series> series() {
        String north = days("north", 1, 8);
        String keyed = "--key-cols shop";
        return Stream.of(
                new Series("whole", keyed, north + days("south", 1, 8), 10, counts(), List.of()),
                new Series(
                        "tiny",
                        keyed,
                        north + days("tiny", 1, 3),
                        5,
                        counts(SHORT, 1),
                        List.of("tiny", "3 rows", "window-length 3", "horizon 1")),
                new Series("enough", keyed, north + days("small", 1, 4), 6, counts(), List.of()),
                new Series(
                        "horizon",
                        keyed + " --horizon 3",
                        north + days("a", 1, 5) + days("b", 1, 4),
                        3,
                        counts(SHORT, 2),
                        List.of("series", "a", "5 rows", "6")),
                new Series(
                        "lags",
                        keyed + " --lags 2",
                        north + days("a", 1, 5),
                        3,
                        counts(SHORT, 1),
                        List.of("a", "5 rows", "lags")),
                new Series(
                        "stride",
                        keyed + " --stride 3",
                        north + days("a", 1, 3),
                        2,
                        counts(SHORT, 1),
                        List.of("a", "3 rows")),
                // Sessions are cut on purpose: those too short are counted, and a series with none is an error.
                new Series(
                        "session",
                        keyed + " --session-gap 1",
                        north + days("north", 20, 21),
                        5,
                        counts("session shorter than a window", 1),
                        List.of()),
                new Series(
                        "sessions",
                        keyed + " --session-gap 1",
                        north + days("tiny", 1, 3) + days("tiny", 10, 12),
                        5,
                        counts(SHORT, 1),
                        List.of("tiny", "session-gap")),
                new Series(
                        "two shops",
                        "",
                        north + days("south", 3, 4),
                        3,
                        counts(TWICE, 4),
                        List.of("2 rows of day 3", "key-cols")),
                new Series(
                        "repeated",
                        keyed,
                        north + days("south", 1, 6) + "2,south,5\n",
                        7,
                        counts(TWICE, 2),
                        List.of("south", "2 rows of day 2", "summer time")),
                new Series("the same twice", keyed, north + north, 0, null, List.of("north", "2 rows of day 1")),
                new Series(
                        "repeated and short",
                        keyed,
                        north + days("south", 1, 4) + "2,south,5\n",
                        5,
                        counts(TWICE, 2, SHORT, 1),
                        List.of("south", "2 rows of day 2")),
                new Series(
                        "a bad row makes it short",
                        keyed,
                        north + days("south", 1, 3) + "4,south,many\n",
                        5,
                        counts("sold: not a number", 1, SHORT, 1),
                        List.of("not a number")));
    }

    @ParameterizedTest
    @MethodSource("series")
    void rowsOfSeries_areInAWindowOrCounted(Series series) throws IOException {
        Path input = folder(Map.of("days.csv", ("day,shop,sold\n" + series.rows).getBytes(StandardCharsets.UTF_8)));
        String line = "--train " + input + WINDOWS + " " + series.options;
        if (series.counts == null) {
            train(line + " --handle-invalid skip").assertRefused("leaves no sequence");
        } else {
            assertCounted(train(line + " --handle-invalid skip"), series.sequences, series.counts);
        }
        if (series.said.isEmpty()) {
            assertCounted(train(line), series.sequences, series.counts);
        } else {
            train(line).assertRefused(series.said.toArray(new String[0]));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"evaluate", "predict"})
    void seriesOfAModelsInput_areInTheOutputOrCounted(String name) throws IOException {
        Path input = folder(Map.of("days.csv", text("day,shop,sold", days("north", 1, 8), days("tiny", 1, 2))));
        Path good = folder(Map.of("days.csv", text("day,shop,sold", days("north", 1, 8), days("south", 1, 8))));
        String model = train("--train " + good + WINDOWS + " --key-cols shop")
                .json()
                .get("model")
                .asText();
        String line = name + " --model " + model + " --input " + input
                + (name.equals("predict") ? " --output " + directory + "/out" + models++ : "");
        command.run(line).assertRefused("tiny", "2 rows");
        assertCounted(command.run(line + " --handle-invalid skip"), name.equals("predict") ? 6 : 5, Map.of(SHORT, 1));
    }

    /** A row that was made of others is called by its series and time, and not by a line of a file. */
    @Test
    void windowAtFault_isCalledByItsSeriesAndTime() throws IOException {
        Path input = folder(Map.of("days.csv", text("day,shop,sold", days("north", 1, 8), days("south", 1, 8))));
        Outcome refused = train("--train " + input + WINDOWS + " --key-cols shop --max-length 2");
        refused.assertRefused("the window of shop north that ends at 3: column features: longer than max-length 2");
        Path events = folder(Map.of("e.csv", text("at,who,page,kind", "1,a,x,p", "2,a,y,p", "5,b,x,q")));
        train("--train " + events + " --prepare sequences --time-col at --key-cols who --value-cols page"
                        + " --label-col kind --max-length 1")
                .assertRefused("the sequence of who a that begins at 1: column features: longer than max-length 1");
    }

    /** Events of one time are natural in a sequence, and their order is that of their values. */
    @ParameterizedTest
    @ValueSource(strings = {"error", "skip"})
    void eventsOfOneTime_areAllInTheirSequence(String handling) throws IOException {
        Path input = folder(Map.of("e.csv", text("day,who,page,kind", "1,a,x,p", "1,a,y,p", "1,b,x,q", "1,b,x,q")));
        assertCounted(
                train("--train " + input + " --prepare sequences --time-col day --key-cols who --value-cols page"
                        + " --label-col kind --handle-invalid " + handling),
                2,
                Map.of());
    }
}
