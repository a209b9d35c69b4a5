package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unroll.data.InputException;
import dev.unroll.testing.SparkTest;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The numbers against Java's calendar, in every time zone of the session. */
@SparkTest
class TimeFeaturesTest {

    private static final List<String> ZONES = List.of("UTC", "Pacific/Auckland", "America/St_Johns");
    private static final int LENGTH = 3; // of windows

    private static SparkSession spark;

    private static Dataset<Row> table(List<Row> rows, DataType time) {
        StructType schema = new StructType()
                .add("key", DataTypes.StringType)
                .add("at", time)
                .add("value", DataTypes.DoubleType);
        return spark.createDataFrame(rows, schema);
    }

    private static <S extends EventStage<S>> S stage(S stage) {
        return stage.setKeyCols("key").setTimeCol("at").setValueCols("value");
    }

    private static SlidingWindows windows() {
        return stage(new SlidingWindows()).setWindowLength(LENGTH).setRequireLabel(false);
    }

    private static SequenceAssembler assembler() {
        return stage(new SequenceAssembler());
    }

    /** The sequences of numbers as text, so bit by bit, in an order of their own. */
    private static List<String> features(Dataset<Row> sequences) {
        return sequences.select("features").collectAsList().stream()
                .map(row -> row.get(0).toString())
                .sorted()
                .toList();
    }

    private static void inEveryZone(Runnable check) {
        for (String zone : ZONES) {
            spark.conf().set("spark.sql.session.timeZone", zone);
            try {
                check.run();
            } finally {
                spark.conf().unset("spark.sql.session.timeZone");
            }
        }
    }

    /** An event: its own time, and the same on the clock that counts. */
    private record Event(String key, LocalDateTime clock, double value) {

        private Row row(String type) {
            Object time =
                    switch (type) {
                        case "timestamp" -> clock.toInstant(ZoneOffset.UTC);
                        case "date" -> clock.toLocalDate();
                        default -> clock;
                    };
            return RowFactory.create(key, time, value);
        }

        private List<Double> numbers(Event before, boolean days) {
            List<Double> numbers = new ArrayList<>(List.of(value));
            double unit = days ? 86_400e6 : 1e6; // microseconds
            double gap = before == null ? 0 : ChronoUnit.MICROS.between(before.clock, clock) / unit;
            circle(numbers, clock.getMonthValue() - 1, 12);
            numbers.add(StrictMath.log1p(gap));
            if (!days) {
                circle(numbers, clock.getHour(), 24);
            }
            circle(numbers, clock.getDayOfWeek().getValue() - 1, 7);
            return numbers;
        }

        private static void circle(List<Double> numbers, int part, int parts) {
            numbers.add(StrictMath.sin(2 * Math.PI * part / parts));
            numbers.add(StrictMath.cos(2 * Math.PI * part / parts));
        }
    }

    private static List<Event> events(Random random, boolean days) {
        Map<String, Event> once = new TreeMap<>(); // a series has one row of a time
        long start = -5_000_000_000L + random.nextInt(1 << 30) * 8L; // seconds, from 1811 to 2083
        for (int i = 0; i < 200; i++) {
            // Far from each other in some series, hours in others, so that clocks are changed between events.
            int series = random.nextInt(6);
            double far = series < 3 ? 1e10 : 2e7;
            LocalDateTime clock = LocalDateTime.ofEpochSecond(start, 0, ZoneOffset.UTC)
                    .plus((long) (random.nextDouble() * far * 1e6), ChronoUnit.MICROS);
            Event event = new Event("s" + series, days ? clock.truncatedTo(ChronoUnit.DAYS) : clock, i % 5);
            once.put(event.key + event.clock, event);
        }
        return new ArrayList<>(once.values()); // by key and, years having four digits, by time
    }

    private static List<String> byHand(List<Event> inOrder, boolean days, boolean windows) {
        Map<String, List<String>> series = new TreeMap<>();
        Event before = null;
        for (Event event : inOrder) {
            boolean first = before == null || !before.key.equals(event.key);
            List<Double> numbers = event.numbers(first ? null : before, days);
            series.computeIfAbsent(event.key, key -> new ArrayList<>()).add(sequence(numbers));
            before = event;
        }
        List<String> sequences = new ArrayList<>();
        for (List<String> steps : series.values()) {
            for (int end = windows ? LENGTH : steps.size(); end <= steps.size(); end++) {
                sequences.add(sequence(steps.subList(windows ? end - LENGTH : 0, end)));
            }
        }
        Collections.sort(sequences);
        return sequences;
    }

    private static String sequence(List<?> elements) {
        return "ArraySeq("
                + String.join(", ", elements.stream().map(String::valueOf).toList()) + ")";
    }

    @ParameterizedTest
    @ValueSource(strings = {"timestamp", "timestamp_ntz", "date"})
    void numbers_areThoseOfJavasCalendarInEveryTimeZone(String type) {
        long seed = System.nanoTime();
        System.out.println("time features: seed " + seed);
        Random random = new Random(seed);
        boolean days = type.equals("date");
        List<Event> events = events(random, days);
        List<Row> rows = new ArrayList<>(events.stream().map(e -> e.row(type)).toList());
        Collections.shuffle(rows, random);
        String[] asked =
                days ? new String[] {"month", "gap", "weekday"} : new String[] {"month", "gap", "hour", "weekday"};
        inEveryZone(() -> {
            Dataset<Row> table = table(rows, DataType.fromDDL(type)).repartition(3);
            assertEquals(
                    byHand(events, days, false),
                    features(assembler().setTimeFeatures(asked).transform(table)),
                    "seed " + seed);
            assertEquals(
                    byHand(events, days, true),
                    features(windows().setTimeFeatures(asked).transform(table)),
                    "seed " + seed);
        });
    }

    private static Dataset<Row> numbers(String type, String... times) {
        List<String> rows = new ArrayList<>();
        for (String time : times) {
            rows.add("('a', cast(" + time + " as " + type + "), 1d)");
        }
        return spark.sql("select * from values " + String.join(", ", rows) + " as t(key, at, value)");
    }

    /** The difference is exact, even where it is none of its type. */
    @Test
    void timesThatAreNumbers_haveAGap() {
        double last = StrictMath.log1p(0.5);
        assertEquals(
                List.of("ArraySeq(ArraySeq(1.0, 0.0), ArraySeq(1.0, " + last + "), ArraySeq(1.0, 0.0))"),
                features(assembler().setTimeFeatures("gap").transform(numbers("double", "-0.25", "0.25", "0.25"))));
        double small = StrictMath.log1p(0.01);
        assertEquals(
                List.of("ArraySeq(ArraySeq(1.0, 0.0), ArraySeq(1.0, " + small + "))"),
                features(assembler().setTimeFeatures("gap").transform(numbers("decimal(4, 2)", "7.24", "7.25"))));
        double most = StrictMath.log1p(0x1p64);
        assertEquals(
                List.of("ArraySeq(ArraySeq(1.0, 0.0), ArraySeq(1.0, " + most + "))"),
                features(assembler()
                        .setTimeFeatures("gap")
                        .transform(numbers("bigint", "'" + Long.MIN_VALUE + "'", Long.MAX_VALUE + ""))));
    }

    @Test
    void firstStepAfterASessionGap_hasNoGap() {
        Dataset<Row> rows = numbers("int", "1", "2", "9", "10", "12");
        String one = String.valueOf(StrictMath.log1p(1));
        String two = String.valueOf(StrictMath.log1p(2));
        assertEquals(
                List.of(
                        "ArraySeq(ArraySeq(1.0, 0.0), ArraySeq(1.0, " + one + "))",
                        "ArraySeq(ArraySeq(1.0, 0.0), ArraySeq(1.0, " + one + "), ArraySeq(1.0, " + two + "))"),
                features(assembler().setTimeFeatures("gap").setSessionGap(3).transform(rows)));
        assertEquals(
                List.of("ArraySeq(ArraySeq(1.0, 0.0), ArraySeq(1.0, " + one + "), ArraySeq(1.0, " + two + "))"),
                features(windows().setTimeFeatures("gap").setSessionGap(3).transform(rows)));
    }

    @Test
    void numbersOfTime_comeAfterTheLags() {
        Row first = windows()
                .setWindowLength(1)
                .setLags(1)
                .setTimeFeatures("gap")
                .transform(spark.sql("select 'a' as key, id as at, double(10 * id) as value from range(4)"))
                .orderBy("at")
                .first();
        assertEquals(
                "ArraySeq(ArraySeq(10.0, 0.0, " + StrictMath.log1p(1) + "))",
                first.get(3).toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "date | gap,hour | time-features hour goes with timestamps, and time-col at is of type date",
                "int | gap,month | time-features month goes with dates and timestamps, and time-col at is of type int",
                "double | weekday | time-features weekday goes with dates and timestamps, and time-col at is of type double",
                "decimal(9,2) | hour | time-features hour goes with timestamps, and time-col at is of type decimal(9,2)",
            })
    void featuresThatTimesDoNotHave_areRefused(String type, String features, String said) {
        StructType schema = table(List.of(), DataType.fromDDL(type)).schema();
        for (EventStage<?> stage : List.of(windows(), assembler())) {
            InputException refused = assertThrows(InputException.class, () -> stage.setTimeFeatures(features.split(","))
                    .transformSchema(schema));
            assertEquals(said, refused.getMessage());
        }
    }

    @Test
    void tokensAndUnknownFeatures_areRefused() {
        StructType schema = table(List.of(), DataTypes.DateType).schema();
        InputException tokens = assertThrows(InputException.class, () -> assembler()
                .setKeyCols()
                .setValueCols("key")
                .setTimeFeatures("gap", "month")
                .transformSchema(schema));
        assertEquals(
                "time-features gap,month goes with numbers, and value-cols key is text, which gives tokens; allowed is text of"
                        + " numbers, with value-type number",
                tokens.getMessage());
        for (String[] wrong : new String[][] {{"minute"}, {"gap", "hour", "gap"}, {"Hour"}, {"gap,"}}) {
            IllegalArgumentException refused =
                    assertThrows(IllegalArgumentException.class, () -> windows().setTimeFeatures(wrong));
            assertEquals(
                    "time-features is " + ParamDocs.text(wrong)
                            + "; allowed is gap, hour, weekday and month, each at most once, with commas between them",
                    refused.getMessage());
        }
    }

    @Test
    void stages_areSavedAndTheirSchemasAreThoseOfTheResults(@TempDir Path directory) throws Exception {
        Dataset<Row> table = table(
                events(new Random(2), false).stream()
                        .map(e -> e.row("timestamp"))
                        .toList(),
                DataTypes.TimestampType);
        SlidingWindows windows = windows().setTimeFeatures("hour", "gap");
        windows.write().save(directory.resolve("windows").toString());
        SlidingWindows loadedWindows =
                SlidingWindows.load(directory.resolve("windows").toString());
        assertEquals(features(windows.transform(table)), features(loadedWindows.transform(table)));
        SequenceAssembler assembler = assembler().setTimeFeatures("hour", "gap");
        assembler.write().save(directory.resolve("assembler").toString());
        SequenceAssembler loadedAssembler =
                SequenceAssembler.load(directory.resolve("assembler").toString());
        assertEquals(features(assembler.transform(table)), features(loadedAssembler.transform(table)));
        for (EventStage<?> stage : List.of(loadedWindows, loadedAssembler)) {
            assertEquals(
                    stage.transformSchema(table.schema()).simpleString(),
                    stage.transform(table).schema().simpleString());
        }
    }
}
