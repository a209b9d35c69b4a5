package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.InputException;
import dev.unroll.math.CounterRandom;
import dev.unroll.model.Prediction;
import dev.unroll.model.Predictor;
import dev.unroll.testing.SparkTest;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.Trigger;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stream of events through a model whose state is kept: the predictions of whole sequences, over restarts too. */
@Tag("slow")
@SparkTest(
        settings = {
            "spark.sql.shuffle.partitions=2",
            "spark.sql.streaming.stateStore.providerClass=org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider"
        })
class EventStreamTest {

    private static final StructType EVENTS = new StructType()
            .add("user", DataTypes.StringType)
            .add("device", DataTypes.LongType)
            .add("at", DataTypes.TimestampType)
            .add("page", DataTypes.StringType)
            .add("amount", DataTypes.DoubleType)
            .add("country", DataTypes.StringType)
            .add("bought", DataTypes.StringType);
    private static final List<String> PAGES = List.of("home", "search", "item", "cart");

    private static SparkSession session;
    private static List<Row> events;
    private static Dataset<Row> sequences;

    @TempDir
    private Path directory;

    @BeforeAll
    static void makeEvents(SparkSession spark) {
        session = spark;
        events = new ArrayList<>();
        for (int n = 0; n < 120; n++) {
            CounterRandom random = new CounterRandom(5, n);
            int user = random.below(6, 0);
            String page = PAGES.get(random.below(4, 1));
            Timestamp at = new Timestamp(1_700_000_000_000L + 1000L * n);
            Double amount = random.below(5, 2) == 0 ? null : random.normal(3);
            events.add(RowFactory.create(
                    "u" + user,
                    user % 2L,
                    at,
                    page,
                    amount,
                    user < 3 ? "de" : "fr",
                    page.equals("cart") ? "yes" : "no"));
        }
        Dataset<Row> sorted = session.createDataFrame(events, EVENTS)
                .groupBy("user", "device", "country")
                .agg(functions
                        .sort_array(functions.collect_list(functions.struct("at", "page", "amount", "bought")))
                        .as("e"));
        sequences = sorted.select(
                        functions.col("user"),
                        functions.col("country"),
                        functions.col("e.at").as("times"),
                        functions.col("e.page").as("page"),
                        functions.col("e.amount").as("amount"),
                        functions.col("e.bought").as("bought"))
                .cache();
    }

    private static <E extends RnnEstimator<E, ?>> E small(E estimator) {
        return estimator.setHiddenSize(6).setMaxIter(4).setBatchSize(4);
    }

    /** The stream of three parts, begun again for each, from the same checkpoint; events of a part are in no order. */
    private List<Row> streamed(RnnModel<?>... models) throws Exception {
        for (int part = 0; part < 3; part++) {
            run(models[part % models.length], events.subList(40 * part, 40 * part + 40), null);
        }
        return session.read().parquet(path("out")).orderBy("at").collectAsList();
    }

    private String path(String name) {
        return directory.resolve(name).toString();
    }

    private void run(RnnModel<?> model, List<Row> part, Duration timeout) throws Exception {
        List<Row> shuffled = new ArrayList<>(part);
        Collections.shuffle(shuffled, new Random(part.size()));
        session.createDataFrame(shuffled, EVENTS)
                .repartition(3)
                .write()
                .mode("append")
                .parquet(path("in"));
        Dataset<Row> stream = session.readStream()
                .schema(EVENTS)
                .option("maxFilesPerTrigger", 100)
                .parquet(path("in"));
        Dataset<Row> watched = timeout == null ? stream : stream.withWatermark("at", "5 seconds");
        StreamingQuery query = model.transformWithState(watched, "at", timeout, "user", "device")
                .writeStream()
                .option("checkpointLocation", path("checkpoint"))
                .trigger(Trigger.AvailableNow())
                .outputMode("append")
                .format("parquet")
                .start(path("out"));
        query.awaitTermination();
    }

    @Test
    void tagger_restartedTwice_predictsTheBitsOfWholeSequences() throws Exception {
        RnnTaggerModel model = small(new RnnTagger())
                .setFeaturesCol("page")
                .setLabelCol("bought")
                .fit(sequences);
        Dataset<Row> whole = model.transform(sequences)
                .select(functions
                        .explode(functions.arrays_zip(
                                functions.col("times"), functions.col("prediction"), functions.col("probability")))
                        .as("o"))
                .select("o.*")
                .orderBy("times");
        List<Row> expected = whole.collectAsList();
        List<Row> streamed = streamed(model);
        assertEquals(events.size(), streamed.size());
        for (int n = 0; n < streamed.size(); n++) {
            assertEquals(expected.get(n).getTimestamp(0), streamed.get(n).<Timestamp>getAs("at"));
            assertEquals(expected.get(n).getString(1), streamed.get(n).<String>getAs("prediction"));
            assertEquals(
                    expected.get(n).<Vector>getAs(2), streamed.get(n).<Vector>getAs("probability"), "the same bits");
        }
    }

    /** Of columns with a static, one of them missing at times; a prediction after every event as if the sequence ended there. */
    @Test
    void regressor_ofColumns_predictsTheBitsOfEveryPrefix() throws Exception {
        Dataset<Row> labelled =
                sequences.withColumn("y", functions.size(functions.col("page")).cast("double"));
        RnnRegressorModel model = small(new RnnRegressor())
                .setNumericCols("amount")
                .setCategoricalCols("page")
                .setStaticCategoricalCols("country")
                .setMissing("mask")
                .setStandardize(true)
                .setLoss("gaussian")
                .setLabelCol("y")
                .fit(labelled);
        Dataset<Row> prefixes = sequences
                .withColumn(
                        "n",
                        functions.explode(functions.sequence(functions.lit(1), functions.size(functions.col("page")))))
                .selectExpr(
                        "times[n - 1] as at", "slice(page, 1, n) as page", "slice(amount, 1, n) as amount", "country");
        List<Row> expected = model.transform(prefixes).orderBy("at").collectAsList();
        List<Row> streamed = streamed(model);
        assertEquals(events.size(), streamed.size());
        for (int n = 0; n < streamed.size(); n++) {
            for (String column : List.of("at", "prediction", "distribution", "quantiles")) {
                assertEquals(
                        expected.get(n).<Object>getAs(column), streamed.get(n).<Object>getAs(column), column);
            }
        }
    }

    @Test
    void languageModel_predictsTheNextToken() throws Exception {
        RnnLanguageModelModel model = small(new RnnLanguageModel())
                .setFeaturesCol("page")
                .setMaxIter(30)
                .setStepSize(0.05)
                .fit(sequences);
        Dataset<Row> batch =
                model.transformWithState(session.createDataFrame(events, EVENTS), "at", null, "user", "device");
        List<Row> rows = batch.orderBy("at").collectAsList();
        assertEquals(events.size(), rows.size());
        List<String> ofFirstUser = new ArrayList<>();
        for (Row row : rows) {
            if (row.<String>getAs("user").equals("u0")) {
                ofFirstUser.add(row.getAs("page"));
                Predictor local = model.local();
                Prediction prediction = local.predict(ofFirstUser);
                assertEquals(local.label(prediction, ofFirstUser.size()), row.getAs("prediction"));
            }
        }
        assertTrue(ofFirstUser.size() > 5);
    }

    @Test
    void anotherModel_isRefusedByTheHashOfBoth() throws Exception {
        RnnTagger tagger = small(new RnnTagger()).setFeaturesCol("page").setLabelCol("bought");
        RnnTaggerModel model = tagger.fit(sequences);
        RnnTaggerModel other = tagger.setMaxIter(5).fit(sequences);
        Exception failure = assertThrows(Exception.class, () -> streamed(model, other));
        StringBuilder messages = new StringBuilder();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            messages.append(cause.getMessage()).append('\n');
        }
        assertTrue(messages.toString().contains(model.model().parameterHash()), messages::toString);
        assertTrue(messages.toString().contains(other.model().parameterHash()), messages::toString);
        assertTrue(messages.toString().contains("cannot continue the sequence of key"), messages::toString);
    }

    /** Between the second part and the third all states are dropped: the watermark passes them. */
    @Test
    void timeout_passed_beginsAnotherSequence_andDropsTheState() throws Exception {
        RnnTaggerModel model = small(new RnnTagger())
                .setFeaturesCol("page")
                .setLabelCol("bought")
                .fit(sequences);
        Duration timeout = Duration.ofSeconds(20);
        List<Row> later = new ArrayList<>();
        for (Row event : events.subList(80, 120)) {
            Object[] values = new Object[EVENTS.length()];
            for (int i = 0; i < values.length; i++) {
                values[i] = event.get(i);
            }
            values[2] = new Timestamp(event.getTimestamp(2).getTime() + 3_600_000);
            later.add(RowFactory.create(values));
        }
        run(model, events.subList(0, 40), timeout);
        run(model, events.subList(40, 80), timeout);
        assertEquals(6, states());
        run(model, later, timeout);
        List<Row> streamed = session.read().parquet(path("out")).orderBy("at").collectAsList();
        assertEquals(120, streamed.size());
        List<String> keys = new ArrayList<>();
        Predictor local = model.local();
        for (int user = 0; user < 6; user++) {
            List<String> pages = new ArrayList<>();
            long latest = 0;
            for (Row row : streamed) {
                if (row.<String>getAs("user").equals("u" + user)) {
                    long at = row.<Timestamp>getAs("at").getTime();
                    if (at - latest > 20_000) {
                        pages.clear();
                        keys.add("u" + user);
                    }
                    latest = at;
                    pages.add(row.getAs("page"));
                    Prediction whole = local.predict(pages);
                    int last = whole.outputs() - 1;
                    Vector probability = row.getAs("probability");
                    assertEquals(whole.values()[2 * last], (float) probability.apply(0), "the same bits");
                }
            }
        }
        assertTrue(keys.size() >= 12, "each user has begun again");
        run(model, List.of(later.get(39)), timeout); // a batch after the watermark has moved
        assertTrue(states() <= 6, "those of the first hour are gone");
    }

    private long states() {
        return session.read()
                .format("statestore")
                .option("stateVarName", "state")
                .load(path("checkpoint"))
                .count();
    }

    @Test
    void events_earlierThanAMicroBatchBefore_cannotBeUsed() throws Exception {
        RnnTaggerModel model = small(new RnnTagger())
                .setFeaturesCol("page")
                .setLabelCol("bought")
                .fit(sequences);
        model.setHandleInvalid("skip");
        run(model, events.subList(40, 80), null);
        run(model, events.subList(0, 40), null);
        long late = session.read()
                .parquet(path("out"))
                .where(functions.col("at").$less(events.get(40).getTimestamp(2)))
                .select("user")
                .distinct()
                .count();
        assertEquals(0, late, "every user has an event in the later part");
        model.setHandleInvalid("error");
        String message = assertThrows(Exception.class, () -> run(model, events.subList(0, 20), null))
                .getMessage();
        assertTrue(message.contains("column at: earlier than"), message);
    }

    @Test
    void whatCannotBeStreamed_isRefused() {
        Dataset<Row> table = session.createDataFrame(events, EVENTS);
        RnnTagger tagger = small(new RnnTagger()).setFeaturesCol("page").setLabelCol("bought");
        RnnTaggerModel both =
                tagger.copy(tagger.extractParamMap()).setBidirectional(true).fit(sequences);
        assertRefused("both directions", () -> both.transformWithState(table, "at", null, "user"));
        RnnTaggerModel crf =
                tagger.copy(tagger.extractParamMap()).setLoss("crf").fit(sequences);
        assertRefused("loss crf", () -> crf.transformWithState(table, "at", null, "user"));
        RnnTaggerModel model = tagger.fit(sequences);
        assertRefused("keyCols has no column", () -> model.transformWithState(table, "at", null));
        assertThrows(InputException.class, () -> model.transformWithState(table, "device", Duration.ofDays(1), "user"));
        assertRefused("timeout is PT0S", () -> model.transformWithState(table, "at", Duration.ZERO, "user"));
        assertRefused(
                "prediction-col is prediction",
                () -> model.transformWithState(table.withColumnRenamed("country", "prediction"), "at", null, "user"));
        assertThrows(InputException.class, () -> model.transformWithState(table, "page", null, "user"));
        assertThrows(InputException.class, () -> model.transformWithState(table, "at", null, "nobody"));
        assertThrows(InputException.class, () -> model.transformWithState(table.drop("page"), "at", null, "user"));
    }

    /** Only Spark's default is refused: a platform may have a store of its own. */
    @Test
    void stateStore_thatIsTheDefault_isRefused() {
        Dataset<Row> stream =
                session.readStream().schema(EVENTS).parquet(directory.toUri().toString());
        RnnTaggerModel model = small(new RnnTagger())
                .setFeaturesCol("page")
                .setLabelCol("bought")
                .fit(sequences);
        String key = "spark.sql.streaming.stateStore.providerClass";
        String provider = session.conf().get(key);
        try {
            session.conf().set(key, "com.example.PlatformStateStoreProvider");
            assertTrue(model.transformWithState(stream, "at", null, "user").isStreaming());
            session.conf().unset(key);
            assertRefused(key + " is ", () -> model.transformWithState(stream, "at", null, "user"));
        } finally {
            session.conf().set(key, provider);
        }
    }

    private static void assertRefused(String words, Runnable call) {
        String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
        assertTrue(message.contains(words), message);
    }
}
