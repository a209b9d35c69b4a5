package dev.unroll.ml;

import dev.unroll.data.Scaling;
import dev.unroll.data.Vocabulary;
import dev.unroll.nn.LearningTask;
import dev.unroll.spark.rows.SequenceReader;
import dev.unroll.spark.rows.SparkCanonicalRows;
import dev.unroll.spark.shards.RowDecoder;
import dev.unroll.spark.shards.ShardedRows;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Text to cached shards, beside what Spark itself takes to read, range-partition and cache the same text. {@code benchmarks/ingest.sh} runs it.
 */
public final class IngestBenchmark {

    private static final int SHARDS = 64;

    private final SparkSession spark;
    private final JavaSparkContext context;
    private final String file;
    private final int partitions;

    private IngestBenchmark(SparkSession spark, String file) {
        this.spark = spark;
        this.context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        this.file = file;
        this.partitions = text().javaRDD().getNumPartitions();
    }

    /**
     * Prints a table.
     *
     * @param arguments a text file, and how often each is done
     */
    public static void main(String[] arguments) throws Exception {
        SparkSession spark = SparkSession.builder().appName("ingest").getOrCreate();

        new IngestBenchmark(spark, arguments[0]).run(Integer.parseInt(arguments[1]));
        spark.stop();
    }

    private Dataset<Row> text() {
        return spark.read().text(file);
    }

    private void run(int rounds) throws Exception {
        double[] sparks = new double[rounds];
        double[] ours = new double[rounds];
        for (int round = 0; round < rounds; round++) {
            sparks[round] = seconds(this::sparkItself);
            ours[round] = seconds(this::shards);
            System.out.println(
                    String.format(Locale.ROOT, "  round %d: %.1f s and %.1f s", round + 1, sparks[round], ours[round]));
        }
        System.out.println(String.format(
                Locale.ROOT,
                "Spark's read, repartitionByRange and cache: %.1f s; to cached shards: %.1f s; ratio of speeds %.2f",
                median(sparks),
                median(ours),
                median(sparks) / median(ours)));
    }

    private Object sparkItself() {
        Dataset<Row> text = text();
        Dataset<Row> ranges =
                text.repartitionByRange(partitions, text.col("value")).cache();
        long rows = ranges.count();
        ranges.unpersist(true);
        return rows;
    }

    private Object shards() {
        RnnLanguageModel params = new RnnLanguageModel().setFeaturesCol("value").setHandleInvalid("skip");
        long ids;
        Vocabulary vocabulary;
        ShardedRows dealt;
        try (SparkCanonicalRows rows = new SequenceReader(context, params.rowSpec(), false, 1).read(text(), 0)) {
            ids = rows.statistics().trainingSteps();
            vocabulary = rows.statistics().vocabulary(0, 0);
            RowDecoder decoder = new RowDecoder(LearningTask.LANGUAGE_MODEL, vocabulary, null, Scaling.NONE);
            dealt = rows.training(SHARDS, Math.min(2, partitions), decoder).materialize();
        }
        try (ShardedRows shards = dealt) {
            long bytes = Arrays.stream(context.sc().getRDDStorageInfo())
                    .mapToLong(info -> info.memSize() + info.diskSize())
                    .sum();
            System.out.println(String.format(
                    Locale.ROOT,
                    "  %,d ids of %d tokens in %d partitions, cached in %,d bytes: %.3f bytes an id",
                    ids,
                    vocabulary.size(),
                    shards.rdd().getNumPartitions(),
                    bytes,
                    (double) bytes / ids));
            return bytes;
        }
    }

    private static double seconds(Callable<Object> work) throws Exception {
        long start = System.nanoTime();
        work.call();
        return (System.nanoTime() - start) / 1e9;
    }

    private static double median(double[] values) {
        return Arrays.stream(values)
                .sorted()
                .skip(values.length / 2)
                .findFirst()
                .orElseThrow();
    }
}
