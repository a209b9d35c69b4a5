package dev.unroll.ui;

import java.util.List;
import org.apache.spark.util.kvstore.KVIndex;

/**
 * What is kept of one training: its events, thinned out. Plain data, which a History Server may write to its disk.
 *
 * @param place of the training among those of the application, from 0
 * @param start null where it was not heard
 * @param latest null before the first update
 * @param updates every update, or every second, fourth ...
 * @param validations updates after which there was a validation
 * @param flows updates at which the gradient was followed
 * @param warnings those of the latest look; empty where all is well
 * @param end null while it runs
 */
record Run(
        String training,
        long place,
        TrainingEvent.Start start,
        TrainingEvent.Update latest,
        List<TrainingEvent.Update> updates,
        List<TrainingEvent.Update> validations,
        List<TrainingEvent.Update> flows,
        List<String> warnings,
        TrainingEvent.End end) {

    /** Accessor by hand, since the index must be in one place only. */
    @KVIndex
    @Override
    public String training() {
        return training;
    }

    /** When it began, or else when it was first heard of; 0 where it was not. */
    long began() {
        return start != null
                ? start.time()
                : updates.isEmpty() ? 0 : updates.get(0).time();
    }

    String status() {
        return end == null ? "running" : end.reason();
    }
}
