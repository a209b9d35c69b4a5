package dev.unroll.param;

import dev.unroll.math.CounterRandom;
import dev.unroll.param.ParameterLayout.Slot;
import java.io.Serializable;
import java.util.Arrays;

/**
 * Initial parameters. Each number is drawn by (seed, tensor, element), so it does not depend on the other tensors. The
 * embeddings are standard normal and the head uniform in +-1/sqrt(its inputs), as in PyTorch; a tied embedding, which the
 * head uses too, is drawn as the head's. The scheme decides the recurrent tensors, gate by gate.
 *
 * @param forgetBias initial bias of forget gates (Gers et al. 2000; Jozefowicz et al. 2015 advise 1 for an LSTM), all of
 *     it in bias_ih; 0 leaves them to the scheme
 */
public record Initializer(Scheme scheme, double forgetBias) implements Serializable {

    /** PyTorch's distributions (not its numbers). */
    public static final Initializer DEFAULT = new Initializer(Scheme.UNIFORM, 0);

    /** How recurrent tensors are filled. */
    public enum Scheme {
        /** Weights and biases uniform in +-1/sqrt(H), as in PyTorch. */
        UNIFORM,
        /** Weights uniform in +-sqrt(6 / (inputs + H)) (Glorot and Bengio 2010), biases 0. */
        GLOROT,
        /** Recurrent weights orthogonal (Saxe et al. 2014), input weights as in {@link #GLOROT}, biases 0. */
        ORTHOGONAL,
        /**
         * Recurrent weights the identity, input weights normal with deviation 0.001, biases 0 (Le et al. 2015, for
         * relu).
         */
        IDENTITY
    }

    /** The purpose that keys these draws apart from all others. */
    private static final long PURPOSE = 1;

    private static final double IDENTITY_INPUT_DEVIATION = 0.001;

    /** A new theta for the layout by {@link #DEFAULT}. */
    public static float[] initialize(ParameterLayout layout, long seed) {
        return DEFAULT.parameters(layout, seed);
    }

    /**
     * A new theta for the layout.
     *
     * @throws IllegalArgumentException for a forget bias where the cell has no forget gate
     */
    public float[] parameters(ParameterLayout layout, long seed) {
        if (forgetBias != 0
                && layout.slots().stream()
                        .noneMatch(slot -> slot.initialization() instanceof Initialization.ForgetGate)) {
            throw new IllegalArgumentException(
                    "forget-bias is " + forgetBias + ", and the cell has no forget gate; allowed is 0");
        }
        float[] theta = new float[layout.size()];
        String outputWeight = layout.names().contains("head.weight") ? "head.weight" : "embedding.weight"; // tied
        int hidden = layout.hiddenSize();
        int ordinal = 0;
        for (Slot slot : layout.slots()) {
            CounterRandom random = new CounterRandom(seed, PURPOSE, ordinal++);
            String name = slot.name();
            if (slot.initialization() instanceof Initialization.Uniform bounds) {
                uniform(theta, slot, bounds, random);
            } else if (name.startsWith("head.") || name.equals(outputWeight)) {
                uniform(theta, slot, 1.0 / Math.sqrt(layout.slot(outputWeight).columns()), random);
            } else if (name.startsWith("embedding") || name.startsWith("static_embeddings.")) {
                normal(theta, slot, 1, random);
            } else {
                recurrent(theta, slot, hidden, random);
            }
        }
        return theta;
    }

    private void recurrent(float[] theta, Slot slot, int hidden, CounterRandom random) {
        if (hidden < 1) {
            throw new IllegalArgumentException(
                    slot.name() + " is a recurrent tensor, and hidden size is " + hidden + "; allowed is at least 1");
        }
        boolean bias = slot.shape().size() == 1;
        if (scheme == Scheme.UNIFORM) {
            uniform(theta, slot, 1.0 / Math.sqrt(hidden), random);
        } else if (!bias && slot.name().contains("weight_ih")) {
            if (scheme == Scheme.IDENTITY) {
                normal(theta, slot, IDENTITY_INPUT_DEVIATION, random);
            } else {
                uniform(theta, slot, Math.sqrt(6.0 / (slot.columns() + hidden)), random);
            }
        } else if (!bias) {
            int rows = Math.min(slot.rows(), hidden); // of a gate, or of a projection
            for (int gate = 0; gate < slot.rows() / rows; gate++) {
                recurrent(theta, slot.offset() + gate * rows * slot.columns(), gate, rows, slot.columns(), random);
            }
        }
        if (forgetBias != 0 && slot.initialization() instanceof Initialization.ForgetGate forget) {
            int from = slot.offset() + forget.gate() * hidden;
            double value = slot.name().contains("bias_ih") ? forgetBias : 0;
            Arrays.fill(theta, from, from + hidden, (float) value);
        }
    }

    /** The recurrent weights (H, H) of one gate; with a projection those (H, P), and the projection's own (P, H). */
    private void recurrent(float[] theta, int offset, int gate, int rows, int columns, CounterRandom random) {
        switch (scheme) {
            case IDENTITY -> {
                for (int i = 0; i < Math.min(rows, columns); i++) {
                    theta[offset + i * columns + i] = 1f;
                }
            }
            case ORTHOGONAL -> orthogonal(theta, offset, gate, rows, columns, random);
            default -> {
                double bound = Math.sqrt(6.0 / (rows + columns));
                for (int i = 0; i < rows * columns; i++) {
                    theta[offset + i] = uniform(bound, random, (long) gate * rows * columns + i);
                }
            }
        }
    }

    /**
     * Normal rows, made orthonormal one after the other, each twice against those before (Gram and Schmidt), in double;
     * of a matrix with more rows than columns its columns in their place.
     */
    private static void orthogonal(float[] theta, int offset, int gate, int rows, int columns, CounterRandom random) {
        int count = Math.min(rows, columns);
        int length = Math.max(rows, columns);
        double[][] vectors = new double[count][length];
        for (int i = 0; i < count; i++) {
            double[] vector = vectors[i];
            for (int j = 0; j < length; j++) {
                vector[j] = random.normal(((long) gate * count + i) * length + j);
            }
            for (int pass = 0; pass < 2; pass++) {
                for (int before = 0; before < i; before++) {
                    subtract(vectors[before], dot(vectors[before], vector), vector);
                }
            }
            double norm = Math.sqrt(dot(vector, vector));
            for (int j = 0; j < length; j++) {
                vector[j] /= norm;
                theta[offset + (rows > columns ? j * columns + i : i * columns + j)] = (float) vector[j];
            }
        }
    }

    private static double dot(double[] x, double[] y) {
        double a = 0; // four chains, as a single one would wait for each of its additions
        double b = 0;
        double c = 0;
        double d = 0;
        int j = 0;
        for (; j + 4 <= x.length; j += 4) {
            a += x[j] * y[j];
            b += x[j + 1] * y[j + 1];
            c += x[j + 2] * y[j + 2];
            d += x[j + 3] * y[j + 3];
        }
        for (; j < x.length; j++) {
            a += x[j] * y[j];
        }
        return (a + b) + (c + d);
    }

    private static void subtract(double[] x, double factor, double[] y) {
        for (int j = 0; j < x.length; j++) {
            y[j] -= factor * x[j];
        }
    }

    private static void normal(float[] theta, Slot slot, double deviation, CounterRandom random) {
        for (int i = 0; i < slot.size(); i++) {
            theta[slot.offset() + i] = (float) (deviation * random.normal(i));
        }
    }

    private static void uniform(float[] theta, Slot slot, double bound, CounterRandom random) {
        for (int i = 0; i < slot.size(); i++) {
            theta[slot.offset() + i] = uniform(bound, random, i);
        }
    }

    private static void uniform(float[] theta, Slot slot, Initialization.Uniform bounds, CounterRandom random) {
        for (int i = 0; i < slot.size(); i++) {
            theta[slot.offset() + i] =
                    (float) (bounds.low() + random.uniform(i) * ((double) bounds.high() - bounds.low()));
        }
    }

    private static float uniform(double bound, CounterRandom random, long draw) {
        return (float) ((2.0 * random.uniform(draw) - 1.0) * bound);
    }
}
