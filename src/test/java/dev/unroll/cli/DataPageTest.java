package dev.unroll.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.ml.Backtest;
import dev.unroll.ml.BacktestResult;
import dev.unroll.ml.Evaluation;
import dev.unroll.ml.EvaluationResult;
import dev.unroll.ml.RnnClassifier;
import dev.unroll.ml.RnnClassifierModel;
import dev.unroll.ml.RnnRegressor;
import dev.unroll.ml.RnnRegressorModel;
import dev.unroll.ml.SequenceAssembler;
import dev.unroll.ml.SlidingWindows;
import dev.unroll.model.Predictor;
import dev.unroll.testing.SparkTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * docs/data.md, run: a fenced block with a file name behind its language is that file; {@code conf} holds settings of
 * Spark, {@code sql} what another program has done; {@code sh} holds commands, and a block of {@code text} behind them
 * what the last one says on standard error; {@code java} stands, line by line, in this class too.
 */
@Tag("slow")
@SparkTest(settings = "spark.sql.shuffle.partitions=1")
class DataPageTest {

    private static final Pattern BLOCK =
            Pattern.compile("^```(\\w+) ?(\\S*)\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);
    private static final List<String> PATHS = List.of("--train", "--validation", "--input", "--output", "--model");
    private static final String SHORT = " --hidden-size 2 --max-iter 2 --num-shards 1 --engine local";

    @TempDir
    static Path directory;

    private static SparkSession spark;

    private static List<MatchResult> blocks() throws IOException {
        return BLOCK.matcher(Files.readString(Path.of("docs/data.md")))
                .results()
                .toList();
    }

    @Test
    void commands_doWhatThePageSays() throws IOException {
        CommandRunner command = new CommandRunner(spark);
        List<CommandRunner.Outcome> unread = new ArrayList<>(); // outcomes that nobody has looked at
        int commands = 0;
        for (MatchResult block : blocks()) {
            String text = block.group(3);
            if (!block.group(2).isEmpty()) {
                Files.writeString(directory.resolve(block.group(2)), text);
            } else if (block.group(1).equals("sh")) {
                unread.forEach(CommandRunner.Outcome::json);
                unread.clear();
                for (String line : text.lines().toList()) {
                    assertTrue(line.startsWith("submit/unroll "), line);
                    unread.add(command.run(inDirectory(line.substring("submit/unroll ".length()))));
                    commands++;
                }
            } else if (block.group(1).equals("conf")) {
                for (String line : text.lines().toList()) {
                    String[] pair = line.split(" +");
                    boolean isPath = pair[0].endsWith(".warehouse");
                    spark.conf()
                            .set(pair[0], isPath ? directory.resolve(pair[1]).toString() : pair[1]);
                }
            } else if (block.group(1).equals("sql")) {
                List.of(text.strip().split(";")).forEach(spark::sql);
            } else if (block.group(1).equals("text")) {
                CommandRunner.Outcome last = unread.remove(unread.size() - 1);
                assertEquals(2, last.code());
                assertEquals(text, last.err().replace(directory + "/", ""));
            }
        }
        unread.forEach(CommandRunner.Outcome::json);
        assertTrue(commands >= 15, "there are commands: " + commands);
    }

    private static String inDirectory(String line) {
        List<String> words = new ArrayList<>(List.of(line.split(" ")));
        for (int i = 1; i < words.size(); i++) {
            String format = words.get(i - 1).equals("--output") ? "--output-format table" : "--format table";
            boolean isTable = !words.get(i - 1).equals("--model") && (" " + line).contains(" " + format);
            if (PATHS.contains(words.get(i - 1)) && !isTable) {
                words.set(i, directory.resolve(words.get(i)).toString());
            }
        }
        return String.join(" ", words) + (line.startsWith("train") ? SHORT : "");
    }

    @Test
    void snippets_standHere() throws IOException {
        String here = Files.readString(Path.of("src/test/java/dev/unroll/cli/DataPageTest.java"))
                .replaceAll("\\s+", "");
        for (MatchResult block : blocks()) {
            if (block.group(1).equals("java")) {
                assertTrue(here.contains(block.group(3).replaceAll("\\s+", "")), block.group(3));
            }
        }
    }

    @Test
    void windowsFromJava() {
        Dataset<Row> sales = spark.sql("select date_add(date'2024-03-01', int(id % 7)) as day,"
                + " if(id < 7, 'north', 'south') as shop, id % 5 as sold, 1.5D as price from range(14)");
        SlidingWindows windows = new SlidingWindows()
                .setTimeCol("day")
                .setKeyCols("shop")
                .setValueCols("sold", "price")
                .setTargetCols("sold")
                .setWindowLength(3);
        Dataset<Row> training =
                windows.copy(ParamMap.empty()).setLabelBefore("2024-03-06").transform(sales);
        Dataset<Row> validation =
                windows.copy(ParamMap.empty()).setLabelFrom("2024-03-06").transform(sales);
        RnnRegressorModel model = new RnnRegressor().setStandardize(true).fit(training, validation);
        model.transform(validation)
                .select("shop", "labelTime", "label", "prediction")
                .show();
        EvaluationResult errors = new Evaluation(model).setBy("shop").run(validation);
        errors.groups().orElseThrow().show(); // and errors.metrics() of all
        assertEquals(2, errors.groups().orElseThrow().count());
        assertEquals(4, training.count());
        assertEquals(4, model.transform(validation).count());
        RnnRegressorModel byKey = new RnnRegressor().setScale("by-key").fit(training, validation);
        Predictor north = new Predictor(byKey.model().ofSeries(List.of("north")));
        double next =
                north.predict(new double[][] {{3, 1.5}, {4, 1.5}, {2, 1.6}}).numbers()[0];
        assertTrue(next > 0 && next < 5, "sold " + next);
    }

    @Test
    void backtestFromJava() {
        Dataset<Row> sales = spark.sql("select date_add(date'2024-03-01', int(id % 7)) as day,"
                + " if(id < 7, 'north', 'south') as shop, id % 5 as sold from range(14)");
        BacktestResult tested = new Backtest(
                        new RnnRegressor().setStandardize(true),
                        new SlidingWindows()
                                .setTimeCol("day")
                                .setKeyCols("shop")
                                .setValueCols("sold")
                                .setWindowLength(3))
                .setOrigins(2)
                .run(sales);
        tested.errors("shop").show();
        tested.errors("origin", "horizonStep").show();
        tested.leftOut().show();
        assertEquals(List.of("2024-03-06", "2024-03-07"), tested.origins());
        assertEquals(4, tested.forecasts().count());
    }

    @Test
    void sequencesFromJava() {
        Dataset<Row> visits = spark.sql("select if(id % 2 = 0, 'a', 'b') as visitor, id as second,"
                + " concat('page', id % 3) as page, if(id % 2 = 0, 'yes', 'no') as bought from range(9)");
        Dataset<Row> sequences = new SequenceAssembler()
                .setKeyCols("visitor")
                .setTimeCol("second")
                .setValueCols("page")
                .setLabelCol("bought")
                .transform(visits);
        RnnClassifierModel model = new RnnClassifier().setLabelCol("bought").fit(sequences);
        model.transform(sequences)
                .select("visitor", "prediction", "probability")
                .show();
        assertEquals(2, sequences.count());
    }

    @Test
    void timeFeaturesFromJava() {
        Dataset<Row> sales = spark.sql("select date_add(date'2024-03-01', int(id % 7)) as day,"
                + " if(id < 7, 'north', 'south') as shop, id % 5 as sold from range(14)");
        Dataset<Row> weekdays = new SlidingWindows()
                .setTimeCol("day")
                .setKeyCols("shop")
                .setValueCols("sold")
                .setWindowLength(3)
                .setTimeFeatures("weekday", "month")
                .transform(sales);
        weekdays.select("shop", "day", "features").show(false); // five numbers a step
        assertEquals(5, weekdays.selectExpr("size(features[0])").first().getInt(0));
    }

    @Test
    void knownAheadFromJava() {
        Dataset<Row> plans = spark.sql("select date_add(date'2024-03-01', int(id % 9)) as day,"
                + " if(id < 9, 'north', 'south') as shop, if(id % 9 < 7, id % 5, null) as sold, id % 3 as price"
                + " from range(18)");
        SlidingWindows ahead = new SlidingWindows()
                .setTimeCol("day")
                .setKeyCols("shop")
                .setNumericCols("sold", "price")
                .setKnownCols("price")
                .setTargetCols("sold")
                .setWindowLength(3)
                .setHorizon(2);
        RnnRegressorModel model = new RnnRegressor()
                .setNumericCols("sold", "price")
                .setMissing("mask")
                .setScale("window")
                .fit(ahead.transform(plans));
        Dataset<Row> last =
                ahead.setRequireLabel(false).setLabelFrom("2024-03-08").transform(plans);
        model.transform(last).select("shop", "labelTime", "prediction").show(false); // two days of each shop
        assertEquals(2, last.count());
        assertEquals(
                2, model.transform(last).selectExpr("size(prediction)").first().getInt(0));
    }

    @Test
    void columnsFromJava() {
        Dataset<Row> clicks = spark.sql("select if(id % 2 = 0, 'a', 'b') as visitor, id as second,"
                + " concat('page', id % 3) as page, id % 5 as seconds, if(id % 2 = 0, 'phone', 'desk') as device,"
                + " if(id % 2 = 0, 'yes', 'no') as bought from range(9)");
        SequenceAssembler assembler = new SequenceAssembler()
                .setKeyCols("visitor")
                .setTimeCol("second")
                .setNumericCols("seconds")
                .setCategoricalCols("page")
                .setStaticCategoricalCols("device")
                .setLabelCol("bought");
        Dataset<Row> columns = assembler.transform(clicks);
        RnnClassifierModel model = new RnnClassifier()
                .setNumericCols("seconds")
                .setCategoricalCols("page:2")
                .setStaticCategoricalCols("device")
                .setStandardize(true)
                .setLabelCol("bought")
                .fit(columns);
        model.transform(columns).select("visitor", "prediction", "probability").show();
        Map<String, Object> one =
                Map.of("seconds", new double[] {4, 9}, "page", List.of("home", "shoes"), "device", "phone");
        float[] probabilities = model.local().predict(one).values();
        assertEquals(2, probabilities.length);
        assertEquals(2, columns.count());
    }
}
