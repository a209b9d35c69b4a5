package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.apache.spark.ml.Model;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** One training done in several ways: by both engines, from other partitions, and resumed from a checkpoint. */
final class SameBits {

    private SameBits() {}

    /**
     * The hash that the parameters of all have.
     *
     * @param estimator of engine local, each time a new one of the same Params, of more than 3 iterations
     * @param data the same rows in so many partitions
     */
    static <E extends RnnEstimator<E, M>, M extends Model<M>> String whateverTheWay(
            Supplier<E> estimator, IntFunction<Dataset<Row>> data, Path directory) {
        String expected = hash(estimator.get().fit(data.apply(1)));
        assertEquals(
                expected,
                hash(estimator.get().setEngine("spark").setPartitions(3).fit(data.apply(5))));
        String checkpoints = directory.resolve("checkpoints").toString();
        estimator.get().setMaxIter(3).setCheckpointDir(checkpoints).fit(data.apply(1));
        assertEquals(
                expected,
                hash(estimator
                        .get()
                        .setCheckpointDir(checkpoints)
                        .setResume(true)
                        .fit(data.apply(2))));
        return expected;
    }

    private static String hash(Model<?> model) {
        return ((RnnModel<?>) model).model().parameterHash();
    }
}
