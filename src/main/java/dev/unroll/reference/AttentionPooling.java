package dev.unroll.reference;

/** A sum of states, each weighted by a softmax over the steps of the sequence of its product with a learned query. */
final class AttentionPooling extends UnrolledPooling {

    private final Matrix q; // (D H, 1), pooling.query
    private final double scale; // 1 / sqrt(D H)

    AttentionPooling(Matrix[] h, int steps, Matrix query) {
        super(h, steps);
        this.q = query;
        this.scale = 1 / Math.sqrt(query.rows());
    }

    /** (1): {@code e_t = q' h_t / sqrt(D H)}. */
    double score(int t) {
        return scale * product(q, h[t]);
    }

    /** (1): {@code a_t = e^{e_t} / sum_s e^{e_s}}. */
    double weight(int t) {
        double sum = 0;
        for (int s = 1; s <= steps; s++) {
            sum += Math.exp(score(s) - score(t));
        }
        return 1 / sum;
    }

    /** (1): {@code c = sum_t a_t h_t}. */
    @Override
    Matrix pooled() {
        return Places.sum(1, steps, t -> h[t].scale(weight(t)));
    }

    /** (4): {@code dL/de_t = a_t (dL/dc' h_t - dL/dc' c)}. */
    double scoreGradient(int t, Matrix dC) {
        return weight(t) * (product(dC, h[t]) - product(dC, c));
    }

    /** (4): {@code dL/dh_t = a_t dL/dc + dL/de_t q / sqrt(D H)}, the local term. */
    @Override
    Matrix stateGradient(int t, Matrix dC) {
        return dC.scale(weight(t)).plus(q.scale(scale * scoreGradient(t, dC)));
    }

    /** (5): {@code dL/dq = sum_t dL/de_t h_t / sqrt(D H)}. */
    @Override
    Matrix queryGradient(Matrix dC) {
        return Places.sum(1, steps, t -> h[t].scale(scale * scoreGradient(t, dC)));
    }

    private static double product(Matrix x, Matrix y) {
        return x.transpose().times(y).get(0, 0);
    }
}
