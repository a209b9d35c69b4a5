package dev.unroll.cli.frame;

import dev.unroll.train.IterationListener;
import dev.unroll.train.IterationReport;
import dev.unroll.train.StopRequest;
import java.util.Optional;

/** SIGTERM ends a training after the current iteration, with a checkpoint; a second SIGTERM ends it at once. */
public final class StopOnSignal implements IterationListener, AutoCloseable {

    private static final int KILLED = 128 + 15; // as a shell says it

    private final Optional<TermSignal> signal; // none where signals are left alone
    private volatile boolean asked;

    private StopOnSignal(boolean listens) {
        signal = listens ? Optional.of(TermSignal.listen(this::onSignal)) : Optional.empty();
    }

    /** @param checkpoints whether there are checkpoints; without them the signal is left to end the program at once */
    public static StopOnSignal listen(boolean checkpoints) {
        return new StopOnSignal(checkpoints);
    }

    private void onSignal() {
        if (asked) {
            Runtime.getRuntime().halt(KILLED);
        }
        asked = true;
        System.err.println("unroll: SIGTERM; training stops after this iteration");
    }

    @Override
    public void onIteration(IterationReport report) {
        if (asked) {
            throw new StopRequest("by SIGTERM");
        }
    }

    @Override
    public void close() {
        signal.ifPresent(TermSignal::close);
    }
}
