package dev.unroll.benchmark;

import dev.unroll.math.CounterRandom;
import dev.unroll.ml.KeyedModels;
import dev.unroll.ml.RnnClassifier;
import dev.unroll.ml.RnnClassifierModel;
import dev.unroll.ml.RnnRegressor;
import dev.unroll.model.Predictor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** What estimators and models make of a machine: predictions a second, and a thousand small networks by {@code fitByKey} beside one local training. */
public final class EstimatorBenchmark {

    private static final int ROUNDS = 5;
    private static final int NAMES = 100_000;
    private static final int KEYS = 1000;
    private static final int SERIES_PER_KEY = 200;
    private static final int STEPS = 24;

    private final SparkSession spark;

    private EstimatorBenchmark(SparkSession spark) {
        this.spark = spark;
    }

    /** Prints a table; takes some minutes. */
    public static void main(String[] arguments) throws Exception {
        SparkSession spark = SparkSession.builder()
                .master("local[*]")
                .config("spark.ui.enabled", false)
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .getOrCreate();
        spark.sparkContext().setLogLevel("ERROR");
        try {
            EstimatorBenchmark benchmark = new EstimatorBenchmark(spark);
            for (int hidden : new int[] {64, 128}) {
                benchmark.predictions(hidden);
            }
            for (int hidden : new int[] {16, 32}) {
                benchmark.byKey(hidden);
            }
        } finally {
            spark.stop();
        }
    }

    private Dataset<Row> names(int count) {
        List<Row> rows = new ArrayList<>();
        for (int n = 0; n < count; n++) {
            CounterRandom random = new CounterRandom(3, n);
            StringBuilder name = new StringBuilder();
            for (int t = 0; t < 8; t++) {
                name.append((char) ('a' + random.below(26, t)));
            }
            rows.add(RowFactory.create(name.toString(), name.substring(0, 1)));
        }
        return spark.createDataFrame(
                rows, new StructType().add("name", DataTypes.StringType).add("label", DataTypes.StringType));
    }

    private void predictions(int hidden) throws Exception {
        RnnClassifierModel model = new RnnClassifier()
                .setFeaturesCol("name")
                .setHiddenSize(hidden)
                .setMaxIter(2)
                .fit(names(1000));
        Dataset<Row> names = names(NAMES).repartition(8).persist();
        names.count();
        Callable<Long> all =
                () -> model.transform(names).where("prediction > ''").count();
        double first = seconds(all);
        double median = median(all);
        print("transform, LSTM %d: %,.0f rows/s, the first pass %,.0f", hidden, NAMES / median, NAMES / first);
        names.unpersist();

        Predictor local = model.local();
        int calls = 20_000;
        Callable<Long> one = () -> {
            long outputs = 0;
            for (int i = 0; i < calls; i++) {
                outputs += local.predict("abcdefgh").outputs();
            }
            return outputs;
        };
        one.call();
        print("local(), LSTM %d, 8 letters: %.1f microseconds", hidden, median(one) / calls * 1e6);
    }

    private void byKey(int hidden) throws Exception {
        List<Row> rows = new ArrayList<>();
        for (int n = 0; n < KEYS * SERIES_PER_KEY; n++) {
            CounterRandom random = new CounterRandom(5, n);
            double[] x = new double[STEPS];
            double sum = 0;
            for (int t = 0; t < STEPS; t++) {
                x[t] = random.uniform(t);
                sum += x[t];
            }
            rows.add(RowFactory.create(n % KEYS, x, sum / STEPS));
        }
        Dataset<Row> data = spark.createDataFrame(
                        rows,
                        new StructType()
                                .add("key", DataTypes.IntegerType)
                                .add("x", DataTypes.createArrayType(DataTypes.DoubleType))
                                .add("y", DataTypes.DoubleType))
                .persist();
        data.count();
        int epochs = 10;
        RnnRegressor regressor = new RnnRegressor()
                .setFeaturesCol("x")
                .setLabelCol("y")
                .setHiddenSize(hidden)
                .setEpochs(epochs)
                .setEngine("local");
        double steps = (double) KEYS * SERIES_PER_KEY * STEPS * epochs;
        double[] keyed = new double[ROUNDS];
        double[] local = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            keyed[round] = seconds(() -> {
                KeyedModels models = regressor.fitByKey(data, "key");
                models.results().unpersist(true);
                return models;
            });
            local[round] = seconds(() -> regressor.fit(data));
        }
        double byKey = steps / middle(keyed);
        double one = steps / middle(local);
        print(
                "fitByKey, LSTM %d, %d keys x %d series of %d steps: %,.0f steps/s; one network on all of them, local engine: %,.0f; ratio %.2f",
                hidden, KEYS, SERIES_PER_KEY, STEPS, byKey, one, byKey / one);
        data.unpersist();
    }

    private static double median(Callable<?> work) throws Exception {
        double[] seconds = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            seconds[round] = seconds(work);
        }
        return middle(seconds);
    }

    private static double middle(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static double seconds(Callable<?> work) throws Exception {
        long start = System.nanoTime();
        work.call();
        return (System.nanoTime() - start) / 1e9;
    }

    private static void print(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }
}
