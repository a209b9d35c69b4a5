package dev.unroll.worker;

import dev.unroll.nn.LossSum;
import dev.unroll.nn.PartialSum;
import dev.unroll.optim.Norms;
import dev.unroll.param.ParameterLayout.Slot;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * Gradient, loss and weight summed over sequences; the driver divides once, at the end. Mutable.
 *
 * <p>A batch meets few of the rows of a large embedding, and the others are 0. So the rows that were met are noted, and only these are
 * cleared, merged and sent; the bits are those of the whole sum, in which a row that was not met is +0.
 */
public final class GradientSum implements Sum<GradientSum> {

    private static final int BLOCK = 1024; // numbers that stay in the nearest cache

    private final float[] gradient; // in the layout of theta
    private final LossSum loss;
    private final Slot sparse; // the tensor of which few rows are met; null where there is none
    private final BitSet met; // its rows that may differ from 0
    private GradientFlow flow; // null where the gradient was not followed
    private GradientTerms terms; // null where nothing was watched
    private GradientNoise.Shards shards = GradientNoise.Shards.NONE;
    private final StreamStates states = new StreamStates(); // behind the windows of streams

    /** Zero, for that many parameters. */
    public GradientSum(int parameters) {
        this(parameters, null);
    }

    /** @param sparse the tensor whose rows are noted as they are met; null for none */
    public GradientSum(int parameters, Slot sparse) {
        this(new float[parameters], new LossSum(), sparse, new BitSet());
    }

    private GradientSum(float[] gradient, LossSum loss, Slot sparse, BitSet met) {
        this.gradient = gradient;
        this.loss = loss;
        this.sparse = sparse;
        this.met = met;
    }

    /** Zero, in the memory of this one, which must not be used any more. */
    GradientSum cleared() {
        forEachStretch((from, to) -> Arrays.fill(gradient, from, to, 0f));
        met.clear();
        return new GradientSum(gradient, new LossSum(), sparse, met);
    }

    /** How far back the gradient of single losses reaches; null where it was not followed. */
    public GradientFlow flow() {
        return flow;
    }

    /** The states that streams are in behind their windows; none where no state is carried. */
    public StreamStates states() {
        return states;
    }

    /** The two terms of equation (4) by layer, and saturation; null where nothing was watched. */
    public GradientTerms terms() {
        return terms;
    }

    /** The terms to add to, with room for that many layers. */
    GradientTerms terms(int layers) {
        if (terms == null) {
            terms = new GradientTerms(layers);
        }
        return terms;
    }

    /** Notes this sum, which is that of one shard, for the noise of the gradient. */
    void noteShard() {
        double norm = Norms.l2(gradient) / loss.weightSum();
        shards = new GradientNoise.Shards(norm * norm, 1.0 / loss.sequences(), 1);
    }

    /** How much of the gradient is noise, if shards were noted; null where it cannot be told. */
    public GradientNoise noise() {
        if (shards.count() < 2) {
            return null;
        }
        double norm = Norms.l2(gradient) / loss.weightSum();
        return shards.noise(norm * norm, loss.sequences());
    }

    /** The flow to add to, with room for that many layers. */
    GradientFlow flow(int layers) {
        if (flow == null) {
            flow = new GradientFlow(layers);
        }
        return flow;
    }

    /** What the kernel adds to. */
    PartialSum partial() {
        return new PartialSum(gradient, loss, met);
    }

    /** The gradient sum. */
    public float[] gradient() {
        return gradient;
    }

    /** The scalars that ride along. */
    public LossSum loss() {
        return loss;
    }

    @Override
    public void merge(GradientSum other) {
        other.forEachStretch((from, to) -> {
            for (int i = from; i < to; i++) {
                gradient[i] += other.gradient[i];
            }
        });
        met.or(other.met);
        loss.merge(other.loss);
        shards = shards.plus(other.shards);
        states.merge(other.states);
        if (other.flow != null) {
            flow(other.flow.layers()).merge(other.flow);
        }
        if (other.terms != null) {
            terms(other.terms.layers()).merge(other.terms);
        }
    }

    /** The mean gradient over weight: each element divided once, in double. */
    public float[] mean() {
        double weight = loss.weightSum();
        float[] mean = new float[gradient.length];
        double[] block = new double[Math.min(BLOCK, mean.length)];
        // Three loops, five times as fast as one, in which every conversion waits for the division before it.
        for (int from = 0; from < mean.length; from += BLOCK) {
            int size = Math.min(BLOCK, mean.length - from);
            for (int i = 0; i < size; i++) {
                block[i] = gradient[from + i];
            }
            for (int i = 0; i < size; i++) {
                block[i] /= weight;
            }
            for (int i = 0; i < size; i++) {
                mean[from + i] = (float) block[i];
            }
        }
        return mean;
    }

    /**
     * The part of this sum from one element (included) to another (excluded): a sum of its own, which merges and travels as a whole one does.
     *
     * @param withScalars whether the part has loss, states and what else rides along; one of them has
     * @throws IllegalArgumentException if an end is within a row of the sparse tensor, see {@link GradientSlices}
     */
    GradientSum part(int from, int to, boolean withScalars) {
        Slot part = null;
        BitSet partMet = new BitSet();
        if (sparse != null && from < sparse.offset() + sparse.size() && to > sparse.offset()) {
            int first = (from - sparse.offset()) / sparse.columns();
            int rows = (to - from) / sparse.columns();
            if (from < sparse.offset()
                    || (from - sparse.offset()) % sparse.columns() != 0
                    || rows * sparse.columns() != to - from) {
                throw new IllegalArgumentException("a part from " + from + " to " + to + " cuts " + sparse);
            }
            part = new Slot("", List.of(rows, sparse.columns()), 0);
            partMet = met.get(first, first + rows);
        }
        GradientSum sum = new GradientSum(
                Arrays.copyOfRange(gradient, from, to), withScalars ? loss : new LossSum(), part, partMet);
        if (withScalars) {
            sum.flow = flow;
            sum.terms = terms;
            sum.shards = shards;
            sum.states.merge(states);
        }
        return sum;
    }

    /** The whole of some parts, given in ascending order, the first with the scalars. */
    public static GradientSum joined(List<GradientSum> parts) {
        float[] gradient =
                new float[parts.stream().mapToInt(p -> p.gradient.length).sum()];
        int at = 0;
        for (GradientSum part : parts) {
            System.arraycopy(part.gradient, 0, gradient, at, part.gradient.length);
            at += part.gradient.length;
        }
        GradientSum head = parts.get(0);
        GradientSum sum = new GradientSum(gradient, head.loss, null, new BitSet());
        sum.flow = head.flow;
        sum.terms = head.terms;
        sum.shards = head.shards;
        sum.states.merge(head.states);
        return sum;
    }

    /** A part of the gradient, from (included) to (excluded). */
    private interface Stretch {
        void accept(int from, int to);
    }

    /** All that may differ from 0, in ascending order. */
    private void forEachStretch(Stretch stretch) {
        if (sparse == null) {
            stretch.accept(0, gradient.length);
            return;
        }
        int end = sparse.offset() + sparse.size();
        stretch.accept(0, sparse.offset());
        for (int row = met.nextSetBit(0); row >= 0; row = met.nextSetBit(row + 1)) {
            int from = sparse.offset() + row * sparse.columns();
            stretch.accept(from, from + sparse.columns());
        }
        stretch.accept(end, gradient.length);
    }

    /** Floats that travel. */
    private int numbers() {
        return sparse == null
                ? gradient.length
                : gradient.length - sparse.size() + met.cardinality() * sparse.columns();
    }

    @Override
    public int byteCount() {
        int head = SumBytes.LOSS
                + GradientNoise.Shards.BYTES
                + 1
                + (flow == null ? 0 : flow.byteCount())
                + 1
                + (terms == null ? 0 : terms.byteCount())
                + states.byteCount()
                + Integer.BYTES * (sparse == null ? 2 : 5 + met.cardinality());
        return Math.addExact(head, Math.multiplyExact(Float.BYTES, numbers()));
    }

    /** Loss, noise, flow, terms, states, length, rows of the sparse tensor (0 for none), its offset and columns, the rows that were met, and all that may differ from 0. */
    @Override
    public void write(ByteBuffer out) {
        SumBytes.writeLoss(loss, out);
        out.putDouble(shards.squares()).putDouble(shards.inverseSizes()).putLong(shards.count());
        out.put((byte) (flow == null ? 0 : 1));
        if (flow != null) {
            flow.write(out);
        }
        out.put((byte) (terms == null ? 0 : 1));
        if (terms != null) {
            terms.write(out);
        }
        states.write(out);
        out.putInt(gradient.length).putInt(sparse == null ? 0 : sparse.rows());
        if (sparse != null) {
            out.putInt(sparse.offset()).putInt(sparse.columns()).putInt(met.cardinality());
            met.stream().forEach(out::putInt);
        }
        forEachStretch((from, to) -> {
            out.asFloatBuffer().put(gradient, from, to - from);
            out.position(out.position() + Float.BYTES * (to - from));
        });
    }

    public static GradientSum read(ByteBuffer in) {
        LossSum loss = SumBytes.readLoss(in);
        GradientNoise.Shards shards = new GradientNoise.Shards(in.getDouble(), in.getDouble(), in.getLong());
        GradientFlow flow = in.get() == 0 ? null : GradientFlow.read(in);
        GradientTerms terms = in.get() == 0 ? null : GradientTerms.read(in);
        StreamStates states = StreamStates.read(in);
        float[] gradient = new float[in.getInt()];
        int rows = in.getInt();
        Slot sparse = null;
        BitSet met = new BitSet();
        if (rows > 0) {
            int offset = in.getInt();
            sparse = new Slot("", List.of(rows, in.getInt()), offset);
            for (int n = in.getInt(); n > 0; n--) {
                met.set(in.getInt());
            }
        }
        GradientSum sum = new GradientSum(gradient, loss, sparse, met);
        sum.flow = flow;
        sum.terms = terms;
        sum.shards = shards;
        sum.states.merge(states);
        sum.forEachStretch((from, to) -> {
            in.asFloatBuffer().get(gradient, from, to - from);
            in.position(in.position() + Float.BYTES * (to - from));
        });
        return sum;
    }
}
