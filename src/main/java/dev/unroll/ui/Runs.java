package dev.unroll.ui;

import dev.unroll.train.Thinned;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerEvent;

/**
 * Hears of trainings and keeps the latest of them, each thinned out: memory is bounded. Spark's listener thread writes,
 * threads of its UI read.
 */
final class Runs extends SparkListener {

    /** Trainings that are kept. */
    static final int MOST = 20;

    /** Updates that are kept of a training. */
    static final int MOST_UPDATES = 2048;

    private static final int MOST_VALIDATIONS = 512;
    private static final int MOST_FLOWS = 64;

    /** A training that is still running. */
    private static final class Open {
        final String training;
        final long place;
        final Thinned<TrainingEvent.Update> updates = new Thinned<>(MOST_UPDATES);
        final Thinned<TrainingEvent.Update> validations = new Thinned<>(MOST_VALIDATIONS);
        final Thinned<TrainingEvent.Update> flows = new Thinned<>(MOST_FLOWS);
        TrainingEvent.Start start;
        TrainingEvent.Update latest;
        List<String> warnings = List.of();
        TrainingEvent.End end;

        Open(String training, long place) {
            this.training = training;
            this.place = place;
        }

        void add(TrainingEvent.Update update) {
            latest = update.plain();
            updates.add(latest);
            if (!update.validation().isEmpty()) {
                validations.add(latest);
            }
            if (update.flow() != null) {
                flows.add(update);
            }
            if (update.flow() != null || !update.warnings().isEmpty()) {
                warnings = update.warnings();
            }
        }

        Run run() {
            return new Run(
                    training,
                    place,
                    start,
                    latest,
                    updates.elements(),
                    validations.elements(),
                    flows.elements(),
                    warnings,
                    end);
        }
    }

    private final Deque<Open> open = new ArrayDeque<>();
    private long heard;

    @Override
    public void onOtherEvent(SparkListenerEvent event) {
        if (event instanceof TrainingEvent of) {
            hear(of);
        }
    }

    private synchronized void hear(TrainingEvent event) {
        Open of = open.stream()
                .filter(o -> o.training.equals(event.training()))
                .findFirst()
                .orElse(null);
        if (of == null) {
            if (!(event instanceof TrainingEvent.Start) && heard > open.size()) {
                return; // of one that was dropped
            }
            of = new Open(event.training(), heard++);
            open.addLast(of);
            if (open.size() > MOST) {
                open.removeFirst();
            }
        }
        if (event instanceof TrainingEvent.Start start) {
            of.start = start;
        } else if (event instanceof TrainingEvent.Update update) {
            of.add(update);
        } else if (event instanceof TrainingEvent.End end) {
            of.end = end;
        }
    }

    /** Those that are kept, the latest last. */
    synchronized List<Run> runs() {
        return open.stream().map(Open::run).toList();
    }
}
