package dev.unroll.fit;

import dev.unroll.train.IterationListener;
import dev.unroll.train.IterationReport;
import java.util.Locale;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Describes the jobs of a training for Spark's UI and event log: whose they are, and from which update on. A description
 * of the user's own comes first, and is there again afterwards. Of the thread that trains.
 */
final class JobDescriptions implements IterationListener, AutoCloseable {

    private static final String KEY = "spark.job.description";

    private final JavaSparkContext context;
    private final String before; // null where there was none
    private final String training;

    /** @param name of the estimator */
    JobDescriptions(JavaSparkContext context, String name) {
        this.context = context;
        this.before = context.getLocalProperty(KEY);
        this.training = before == null ? name : before + ", " + name;
        context.setJobDescription(training);
    }

    /** Rows are ready, and updates follow. */
    void begin() {
        context.setJobDescription(training + ", from the first update of this run");
    }

    @Override
    public void onIteration(IterationReport report) {
        long next = report.iteration() + 1;
        context.setJobDescription(
                next > report.updates()
                        ? training
                        : String.format(Locale.ROOT, "%s, from update %,d of %,d", training, next, report.updates()));
    }

    @Override
    public void close() {
        context.setLocalProperty(KEY, before);
    }
}
