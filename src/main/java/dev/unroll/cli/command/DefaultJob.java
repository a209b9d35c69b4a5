package dev.unroll.cli.command;

import dev.unroll.cli.frame.Settings;
import dev.unroll.data.CanonicalRow;
import dev.unroll.ml.RnnClassifier;
import dev.unroll.ml.RnnModel;
import dev.unroll.param.ParameterHash;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * What {@code train} does without {@code --train}: which of 24 languages is this name of a country, language or
 * currency from?
 */
public final class DefaultJob {

    /** Settings of the job, where none are given. */
    static final Map<String, String> DEFAULTS = Map.of(
            "features-col", "name",
            "label-col", "language",
            "validation-fraction", "0.1",
            "num-shards", "4");

    static final String RESOURCE = "/dev/unroll/cli/names-24-languages.tsv";

    private static final int REPEATED_ITERATIONS = 5;
    private static final int REPEATED_PARTITIONS = 7;
    private static final int SAMPLES = 10;

    private DefaultJob() {}

    /**
     * The names that come with the program: columns name and language, both strings.
     *
     * @throws IOException if the program's own file cannot be read
     */
    public static Dataset<Row> rows(SparkSession spark) throws IOException {
        StructType schema = new StructType().add("name", DataTypes.StringType).add("language", DataTypes.StringType);
        try (InputStream in = DefaultJob.class.getResourceAsStream(RESOURCE);
                BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            List<Row> rows = reader.lines()
                    .skip(1)
                    .map(line -> line.split("\t"))
                    .map(cells -> RowFactory.create(cells[0], cells[1]))
                    .toList();
            return spark.createDataFrame(rows, schema);
        }
    }

    /** Shows that the number of partitions changes no bit, and what the model says of ten names. */
    static void show(Settings settings, Dataset<Row> training, RnnModel<?> model) {
        System.out.printf(
                Locale.ROOT,
                "%d iterations again: parameterHash with the partitions of this machine, then with %d partitions%n",
                REPEATED_ITERATIONS,
                REPEATED_PARTITIONS);
        for (int partitions : new int[] {0, REPEATED_PARTITIONS}) {
            RnnClassifier again = settings.applyTo(new RnnClassifier())
                    .setEpochs(0)
                    .setMaxIter(REPEATED_ITERATIONS)
                    .setEngine("spark") // partitions are of Spark
                    .setPartitions(partitions)
                    .setCheckpointDir("") // the checkpoints are those of the job
                    .setResume(false);
            System.out.println(
                    "  " + ParameterHash.of(again.fit(training).model().theta()));
        }
        samples(training, model);
    }

    private static void samples(Dataset<Row> training, RnnModel<?> model) {
        double heldOut = Double.parseDouble(model.model().provenance().get("validationFraction"));
        List<Row> all = training.collectAsList().stream()
                .filter(row -> isHeldOut(row.getString(0), heldOut))
                .toList();
        if (all.size() < SAMPLES) {
            return;
        }
        List<Row> some = java.util.stream.IntStream.range(0, SAMPLES)
                .mapToObj(i -> all.get((int) ((2L * i + 1) * all.size() / (2 * SAMPLES))))
                .toList();
        Dataset<Row> names = training.sparkSession().createDataFrame(some, training.schema());
        System.out.println("what it says of ten names that it was not trained on (probability, prediction, truth):");
        for (Row row : model.transform(names).collectAsList()) {
            Vector probability = row.getAs("probability");
            System.out.printf(
                    Locale.ROOT,
                    "  %.2f  %s  %s  %s%n",
                    probability.apply(probability.argmax()),
                    row.getAs("prediction"),
                    row.getAs("language"),
                    row.getAs("name"));
        }
    }

    /** Whether a name belongs to the validation rows of that share. */
    static boolean isHeldOut(String name, double fraction) {
        return CanonicalRow.ofCharacters(name, List.of(), 1f).splitPosition() < fraction;
    }
}
