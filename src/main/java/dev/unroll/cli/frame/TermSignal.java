package dev.unroll.cli.frame;

import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * SIGTERM. The JDK has no other way to hear of a signal, and javac warns of this one whatever annotations say: so nothing else is in this
 * file, and pom.xml compiles it apart.
 */
final class TermSignal implements AutoCloseable {

    private static final Signal TERM = new Signal("TERM");

    private final SignalHandler before;

    private TermSignal(Runnable action) {
        before = Signal.handle(TERM, signal -> action.run());
    }

    /** From now on a SIGTERM runs {@code action} instead of ending the program. */
    static TermSignal listen(Runnable action) {
        return new TermSignal(action);
    }

    /** Gives the signal back to whoever had it. */
    @Override
    public void close() {
        Signal.handle(TERM, before);
    }
}
