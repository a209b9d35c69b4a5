package dev.unroll.train;

import dev.unroll.nn.Truncation;
import dev.unroll.optim.Norms;
import dev.unroll.worker.EvaluationRequest;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Finds out, on sampled updates, how far back-propagation could be truncated: compares the full gradient of the batch
 * with the one that is truncated every K steps, for K = 1, 2, 3, 4, 6, 8, 12, ... until they have nearly the same
 * direction. The sums that it returns are those of the objective it decorates.
 */
public final class TruncationAdvisor implements Objective {

    /** The cosine that counts as one direction. */
    private static final double ENOUGH = 0.99;

    private final Objective objective;
    private final Truncation truncation; // of the decorated objective
    private Advice latest; // null until there is one

    /** @param truncation of the problem that the objective evaluates */
    public TruncationAdvisor(Objective objective, Truncation truncation) {
        this.truncation = truncation;
        this.objective = objective;
    }

    /**
     * Cosines between the full gradient of a batch and truncated ones.
     *
     * @param cosines by K; empty where the gradient has no direction: it is 0, or not finite
     * @param whole whether the last K is as long as the sequences, so that its gradient is the full one
     */
    public record Advice(SortedMap<Integer, Double> cosines, boolean whole) implements Serializable {

        /** The advice in one sentence. */
        public String sentence() {
            if (cosines.isEmpty()) {
                return "the gradient has no direction: it is 0, or not finite";
            }
            StringBuilder others = new StringBuilder();
            for (Map.Entry<Integer, Double> shorter :
                    cosines.headMap(cosines.lastKey()).entrySet()) {
                others.append(String.format(Locale.ROOT, ", %d: %.3f", shorter.getKey(), shorter.getValue()));
            }
            if (whole) {
                return "only all steps keep the direction of the gradient (cosines"
                        + others.substring(Math.min(1, others.length())) + ")";
            }
            return String.format(
                    Locale.ROOT,
                    "fixed:%d keeps the direction of the gradient (cosine %.3f%s)",
                    cosines.lastKey(),
                    cosines.get(cosines.lastKey()),
                    others);
        }
    }

    @Override
    public Evaluation evaluate(float[] theta, EvaluationRequest request) {
        Evaluation evaluation = objective.evaluate(theta, request);
        if (request.sampled()) {
            latest = advice(theta, request, evaluation);
        }
        return evaluation;
    }

    private Advice advice(float[] theta, EvaluationRequest request, Evaluation evaluation) {
        float[] full = truncation.equals(Truncation.NONE)
                ? evaluation.sum().gradient()
                : gradient(theta, request, Truncation.NONE);
        SortedMap<Integer, Double> cosines = new TreeMap<>();
        double length = Norms.l2(full);
        if (length == 0 || !Double.isFinite(length)) {
            return new Advice(cosines, false);
        }
        boolean whole = false;
        double cosine = 0;
        // With K of all steps it is the same gradient, so this ends.
        for (int k = 1; cosine < ENOUGH; k = next(k)) {
            float[] truncated = gradient(theta, request, new Truncation(k, 1));
            double product = Norms.dot(full, truncated);
            cosine = product == 0 || !Double.isFinite(product) ? 0 : product / (length * Norms.l2(truncated));
            cosines.put(k, cosine);
            whole = Arrays.equals(full, truncated);
        }
        return new Advice(cosines, whole);
    }

    private float[] gradient(float[] theta, EvaluationRequest request, Truncation truncation) {
        return objective.evaluate(theta, request.under(truncation)).sum().gradient();
    }

    private static int next(int k) {
        return k == 1 ? 2 : Integer.bitCount(k) == 1 ? k / 2 * 3 : k / 3 * 4;
    }

    /** Of the latest sampled update; empty before the first. */
    public Optional<Advice> latest() {
        return Optional.ofNullable(latest);
    }

    @Override
    public Optional<Map<String, Double>> validate(float[] theta) {
        return objective.validate(theta);
    }

    @Override
    public Kernels kernels() {
        return objective.kernels();
    }

    @Override
    public JobCounts jobs() {
        return objective.jobs();
    }

    @Override
    public void close() {
        objective.close();
    }
}
