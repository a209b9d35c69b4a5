package dev.unroll.train;

import dev.unroll.format.FormatException;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;

/**
 * Why training ended, as a value with a text to read.
 *
 * @param kind for programs
 * @param text for people
 */
public record StopReason(Kind kind, String text) implements Serializable {

    // Names in a checkpoint.
    private static final String KIND = "stop.kind";
    private static final String TEXT = "stop.text";

    /** All the ways to end well. */
    public enum Kind {
        MAX_ITER,
        EPOCHS,
        TOLERANCE,
        PATIENCE,
        LINE_SEARCH
    }

    static StopReason maxIter(long maxIter) {
        return new StopReason(Kind.MAX_ITER, "reached max-iter " + maxIter);
    }

    static StopReason epochs(long epochs) {
        return new StopReason(Kind.EPOCHS, "reached epochs " + epochs);
    }

    static StopReason patience(int validations, double best, long iteration) {
        return new StopReason(
                Kind.PATIENCE,
                String.format(
                        java.util.Locale.ROOT,
                        "%d validations without a loss below %.6g of iteration %d, whose parameters are kept",
                        validations,
                        best,
                        iteration));
    }

    static StopReason tolerance(long epoch, double before, double after, double tol) {
        return new StopReason(
                Kind.TOLERANCE,
                String.format(
                        java.util.Locale.ROOT,
                        "the mean loss of epoch %d, %.6g, improved on %.6g by less than tol %g of it",
                        epoch,
                        after,
                        before,
                        tol));
    }

    static StopReason lineSearch(long iteration, double gradientNorm) {
        return new StopReason(
                Kind.LINE_SEARCH,
                String.format(
                        java.util.Locale.ROOT,
                        "the line search of iteration %d found no lower loss, so this is a minimum"
                                + " as far as float32 tells"
                                + " (gradient norm %.3g)",
                        iteration,
                        gradientNorm));
    }

    /** Whether training would go on were the limit higher. */
    public boolean isLimit() {
        return kind == Kind.MAX_ITER || kind == Kind.EPOCHS;
    }

    void save(Checkpoint.Draft draft) {
        draft.put(KIND, kind.name());
        draft.put(TEXT, text);
    }

    /** Why the training that wrote the checkpoint ended with it; empty if it did not. */
    static Optional<StopReason> read(Checkpoint checkpoint) throws FormatException {
        if (!checkpoint.has(KIND)) {
            return Optional.empty();
        }
        try {
            return Optional.of(new StopReason(Kind.valueOf(checkpoint.text(KIND)), checkpoint.text(TEXT)));
        } catch (IllegalArgumentException e) {
            throw checkpoint.refused(KIND, "one of " + List.of(Kind.values()));
        }
    }
}
