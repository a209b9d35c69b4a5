package dev.unroll.fit;

import dev.unroll.format.Reason;
import dev.unroll.train.IterationListener;
import dev.unroll.train.IterationReport;
import dev.unroll.train.TrainingException;
import java.util.Optional;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.spark.SparkException;

/**
 * Somebody cancelled a job of a training: by its group or tag, with all others, or in Spark's UI. Says so in one sentence,
 * with the last update that was made.
 */
final class CancelledJob implements IterationListener {

    private volatile long iteration; // the last one; 0 where there was none, or updates are not on the driver

    @Override
    public void onIteration(IterationReport report) {
        iteration = report.iteration();
    }

    /** The failure as that of a training that was stopped; empty where it is another failure. */
    Optional<TrainingException> stopped(Exception failure) {
        return ExceptionUtils.getThrowableList(failure).stream()
                .filter(CancelledJob::isCancellation)
                .findFirst()
                .map(cancelled -> new TrainingException(
                        "stopped" + (iteration == 0 ? "" : " after iteration " + iteration)
                                + ", since a job of it was cancelled: " + Reason.message(cancelled),
                        failure));
    }

    private static boolean isCancellation(Throwable failure) {
        return failure instanceof SparkException && Reason.message(failure).matches("Job \\d+ cancelled.*");
    }
}
