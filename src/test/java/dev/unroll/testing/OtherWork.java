package dev.unroll.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerApplicationStart;

/**
 * What other people do in the application of a training, for {@code benchmarks/faults.py}: a listener of Spark's
 * ({@code spark.extraListeners}) that looks every 20 ms for a file with a word in it, named by {@code
 * spark.unroll.otherWork}, does what the word says, and removes the file. "job": a job of more tasks than there are
 * slots, 300 ms each. "cancel": all jobs are cancelled.
 */
public final class OtherWork extends SparkListener {

    private static final int TASKS = 6;
    private static final long MS = 300;
    private static final long MS_TO_LOOK = 20;

    private final Path file;

    /** As Spark makes its listeners. */
    public OtherWork(SparkConf conf) {
        this.file = Path.of(conf.get("spark.unroll.otherWork"));
    }

    @Override
    public void onApplicationStart(SparkListenerApplicationStart start) {
        Thread thread = new Thread(this::work, "other-work");
        thread.setDaemon(true);
        thread.start();
    }

    private void work() {
        try {
            while (true) {
                TimeUnit.MILLISECONDS.sleep(MS_TO_LOOK);
                String word = Files.exists(file) ? Files.readString(file) : "";
                if (!word.isEmpty()) {
                    doIt(word, SparkContext.getOrCreate());
                    Files.delete(file);
                }
            }
        } catch (InterruptedException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void doIt(String word, SparkContext context) {
        switch (word) {
            case "job" ->
                JavaSparkContext.fromSparkContext(context)
                        .parallelize(Collections.nCopies(TASKS, 0), TASKS)
                        .foreach(nothing -> TimeUnit.MILLISECONDS.sleep(MS));
            case "cancel" -> context.cancelAllJobs();
            default -> throw new IllegalArgumentException(word);
        }
    }
}
