package dev.unroll.train;

import java.io.Serializable;
import java.util.List;

/**
 * Records the numbers of every update, for curves; of every second, fourth ... where there are more than {@value
 * #MOST}.
 */
public final class History implements IterationListener, Serializable {

    private static final long serialVersionUID = 1L;

    /** One update, as in {@link IterationReport}, without what is large. */
    public record Update(
            long iteration,
            long epoch,
            double loss,
            double gradientNorm,
            double stepSize,
            long sequences,
            long steps,
            Phases phases,
            double balance)
            implements Serializable {}

    /** The mean loss of the validation data after an update. */
    public record Validation(long iteration, double loss) implements Serializable {}

    static final int MOST = 1 << 17;

    private final Thinned<Update> updates = new Thinned<>(MOST);
    private final Thinned<Validation> validations = new Thinned<>(MOST);

    @Override
    public void onIteration(IterationReport r) {
        r.validation().ifPresent(metrics -> validations.add(new Validation(r.iteration(), metrics.get("loss"))));
        updates.add(new Update(
                r.iteration(),
                r.epoch(),
                r.loss(),
                r.gradientNorm(),
                r.stepSize(),
                r.sequences(),
                r.steps(),
                r.phases(),
                r.balance()));
    }

    /** In the order of iterations; empty where nothing was validated. */
    public List<Validation> validations() {
        return validations.elements();
    }

    /** In the order of iterations. */
    public List<Update> updates() {
        return updates.elements();
    }
}
