package dev.unroll.train;

/**
 * Why training ended, as a value with a text to read.
 *
 * @param kind for programs
 * @param text for people
 */
public record StopReason(Kind kind, String text) {

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
                        "the line search of iteration %d found no lower loss, so this is a minimum as far as float32 tells"
                                + " (gradient norm %.3g)",
                        iteration,
                        gradientNorm));
    }
}
