package dev.unroll.worker;

import dev.unroll.math.Blocks;
import dev.unroll.nn.LossSum;
import dev.unroll.nn.PartialSum;
import dev.unroll.optim.Norms;
import dev.unroll.param.RowBlocks;
import dev.unroll.param.RowBlocks.Range;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * Gradient, loss and weight summed over sequences; the driver divides once, at the end. Mutable.
 *
 * <p>A batch touches few of the rows of large embeddings, and the others are 0. So the rows that were touched are
 * noted, and only these are cleared, merged and sent; the bits are those of the whole sum, in which a row that was not
 * touched is +0.
 *
 * <p>What else comes back with a gradient is in {@link AuxiliarySums}.
 */
public final class GradientSum implements Sum<GradientSum> {

    private static final int BUFFER = 1024; // numbers that stay in the nearest cache

    private final float[] gradient; // in the layout of theta
    private final LossSum loss;
    private final AuxiliarySums auxiliary;
    private final RowBlocks sparse; // of which few rows are touched
    private final BitSet touched; // its rows that may differ from 0
    private boolean empty; // whether all else in the array is left from another sum and counts as 0

    /** Zero, for that many parameters. */
    public GradientSum(int parameters) {
        this(parameters, RowBlocks.NONE);
    }

    /** @param sparse the rows that are noted as they are touched */
    public GradientSum(int parameters, RowBlocks sparse) {
        this(new float[parameters], new LossSum(), new AuxiliarySums(), sparse, new BitSet());
    }

    private GradientSum(float[] gradient, LossSum loss, AuxiliarySums auxiliary, RowBlocks sparse, BitSet touched) {
        this.gradient = gradient;
        this.loss = loss;
        this.auxiliary = auxiliary;
        this.sparse = sparse;
        this.touched = touched;
    }

    /**
     * Zero, in the arrays of this one, which must not be used any more. What is not sparse is cleared by the first
     * batch that is added, since its products can start at zero as cheaply as at what an array holds.
     */
    GradientSum emptied() {
        sparse.forEach(touched, (from, to) -> Arrays.fill(gradient, from, to, 0f));
        touched.clear();
        GradientSum sum = new GradientSum(gradient, new LossSum(), new AuxiliarySums(), sparse, touched);
        sum.empty = true;
        return sum;
    }

    /** What the kernel adds one batch to; then comes {@link #hasBegun}. */
    PartialSum partial() {
        return new PartialSum(gradient, loss, touched, empty);
    }

    /** A batch was added: the array holds what it says. */
    void hasBegun() {
        empty = false;
    }

    /** The gradient sum. */
    public float[] gradient() {
        requireBegun();
        return gradient;
    }

    private void requireBegun() {
        if (empty) {
            throw new IllegalStateException("no batch was added to this sum, whose array is left from another");
        }
    }

    /** Loss, weight and counts. */
    public LossSum loss() {
        return loss;
    }

    /** What was observed besides, and the states of streams. */
    public AuxiliarySums auxiliary() {
        return auxiliary;
    }

    /** Notes this sum, which is that of one shard, for the noise of the gradient. */
    void noteShard() {
        auxiliary.noteShard(new GradientNoise.Shards(squaredNormOfMean(), 1.0 / loss.sequences(), 1));
    }

    /** How much of the gradient is noise, if shards were noted; null where it cannot be told. */
    public GradientNoise noise() {
        GradientNoise.Shards shards = auxiliary.noiseShards();
        return shards.count() < 2 ? null : shards.noise(squaredNormOfMean(), loss.sequences());
    }

    private double squaredNormOfMean() {
        double norm = Norms.l2(gradient) / loss.weightSum();
        return norm * norm;
    }

    @Override
    public void merge(GradientSum other) {
        requireBegun();
        other.requireBegun();
        MessageBytes.requireSame(gradient.length, other.gradient.length, "parameters");
        other.forEachRange((from, to) -> add(other, from, to));
        mergeRest(other);
    }

    /** All but the gradient. */
    private void mergeRest(GradientSum other) {
        touched.or(other.touched);
        loss.merge(other.loss);
        auxiliary.merge(other.auxiliary);
    }

    /**
     * Block by block, so that every gradient passes by once while what becomes of it is in the nearest cache: merge
     * after merge they would pass three times.
     */
    @Override
    public void mergeNode(List<GradientSum> neighbours) {
        for (GradientSum other : neighbours) {
            other.requireBegun();
            MessageBytes.requireSame(gradient.length, other.gradient.length, "parameters");
            if (!sparse.equals(other.sparse)) {
                throw new IllegalArgumentException("a sum with rows of " + sparse + " and one of " + other.sparse);
            }
        }
        forEachDenseRange((from, to) -> {
            for (int i = from; i < to; i += BUFFER) {
                int first = i;
                int end = Math.min(to, i + BUFFER);
                Sum.forEachPair(neighbours, (left, right) -> left.add(right, first, end));
            }
        });
        Sum.forEachPair(neighbours, (left, right) -> {
            right.sparse.forEach(right.touched, (from, to) -> left.add(right, from, to));
            left.mergeRest(right);
        });
    }

    private void add(GradientSum right, int from, int to) {
        for (int i = from; i < to; i++) {
            gradient[i] += right.gradient[i];
        }
    }

    /** The mean gradient over weight: each element divided once, in double. */
    public float[] mean() {
        double weight = loss.weightSum();
        float[] mean = new float[gradient.length];
        Blocks.forEach(mean.length, (from, to) -> mean(weight, mean, from, to));
        return mean;
    }

    private void mean(double weight, float[] mean, int first, int end) {
        double[] buffer = new double[Math.min(BUFFER, end - first)];
        // Three loops, five times as fast as one, in which every conversion waits for the division before it.
        for (int from = first; from < end; from += BUFFER) {
            int size = Math.min(BUFFER, end - from);
            for (int i = 0; i < size; i++) {
                buffer[i] = gradient[from + i];
            }
            for (int i = 0; i < size; i++) {
                buffer[i] /= weight;
            }
            for (int i = 0; i < size; i++) {
                mean[from + i] = (float) buffer[i];
            }
        }
    }

    /**
     * The slice of this sum from one element (included) to another (excluded): a sum of its own, which merges and
     * travels as a whole one does.
     *
     * @param withScalars whether the slice has loss and auxiliary sums; one slice of a sum has
     * @throws IllegalArgumentException if an end is within a row of an embedding, see {@link GradientSlices}
     */
    GradientSum slice(int from, int to, boolean withScalars) {
        RowBlocks sliced = sparse.slice(from, to);
        BitSet rowsTouched = sliced.isEmpty() ? new BitSet() : touched.get(sparse.row(from), sparse.row(to));
        return new GradientSum(
                Arrays.copyOfRange(gradient, from, to),
                withScalars ? loss : new LossSum(),
                withScalars ? auxiliary : new AuxiliarySums(),
                sliced,
                rowsTouched);
    }

    /** The whole of its slices, given in ascending order, the first with the scalars. */
    public static GradientSum joined(List<GradientSum> slices) {
        float[] gradient =
                new float[slices.stream().mapToInt(s -> s.gradient.length).sum()];
        int at = 0;
        for (GradientSum slice : slices) {
            System.arraycopy(slice.gradient, 0, gradient, at, slice.gradient.length);
            at += slice.gradient.length;
        }
        GradientSum first = slices.get(0);
        return new GradientSum(gradient, first.loss, first.auxiliary, RowBlocks.NONE, new BitSet());
    }

    /** All that may differ from 0, in ascending order. */
    private void forEachRange(Range range) {
        range.accept(0, sparse.offset());
        sparse.forEach(touched, range);
        range.accept(sparse.end(), gradient.length);
    }

    private void forEachDenseRange(Range range) {
        range.accept(0, sparse.offset());
        range.accept(sparse.end(), gradient.length);
    }

    /** Floats that travel. */
    private long numbers() {
        return gradient.length - sparse.size() + sparse.size(touched);
    }

    @Override
    public int byteCount() {
        int blocks = sparse.blocks().size();
        int head = SumBytes.LOSS + Integer.BYTES * (blocks == 0 ? 2 : 4 + 2 * blocks + touched.cardinality());
        int rest = Math.addExact(auxiliary.byteCount(), Math.toIntExact(Float.BYTES * numbers()));
        return Math.addExact(head, rest);
    }

    /**
     * Loss; auxiliary sums; length; how many embeddings there are, and if any, where they begin, the rows and columns of
     * each, and the rows that were touched with their count before them; then all that may differ from 0.
     */
    @Override
    public void write(ByteBuffer out) {
        requireBegun();
        SumBytes.writeLoss(loss, out);
        auxiliary.write(out);
        out.putInt(gradient.length).putInt(sparse.blocks().size());
        if (!sparse.isEmpty()) {
            out.putInt(sparse.offset());
            sparse.blocks().forEach(block -> out.putInt(block.rows()).putInt(block.columns()));
            out.putInt(touched.cardinality());
            touched.stream().forEach(out::putInt);
        }
        forEachRange((from, to) -> {
            out.asFloatBuffer().put(gradient, from, to - from);
            out.position(out.position() + Float.BYTES * (to - from));
        });
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @param most parameters of the network
     * @throws IllegalStateException for bytes that are no sum of so many
     */
    public static GradientSum read(ByteBuffer in, int most) {
        LossSum loss = SumBytes.readLoss(in);
        AuxiliarySums auxiliary = AuxiliarySums.read(in);
        MessageBytes.require(in, 2 * Integer.BYTES);
        int length = in.getInt();
        if (length < 0 || length > most) {
            throw MessageBytes.damaged("its gradient has " + length + " numbers");
        }
        RowBlocks sparse = readBlocks(in, length);
        BitSet touched = new BitSet();
        int rows = sparse.rows();
        for (int n = sparse.isEmpty() ? 0 : MessageBytes.count(in, Integer.BYTES, "rows"); n > 0; n--) {
            int row = in.getInt();
            if (row < 0 || row >= rows) {
                throw MessageBytes.damaged("its gradient has no row " + row + " among its " + rows);
            }
            touched.set(row);
        }
        MessageBytes.require(in, Float.BYTES * (length - sparse.size() + sparse.size(touched)));
        float[] gradient = new float[length];
        GradientSum sum = new GradientSum(gradient, loss, auxiliary, sparse, touched);
        sum.forEachRange((from, to) -> {
            in.asFloatBuffer().get(gradient, from, to - from);
            in.position(in.position() + Float.BYTES * (to - from));
        });
        return sum;
    }

    private static RowBlocks readBlocks(ByteBuffer in, int length) {
        int count = MessageBytes.count(in, 2 * Integer.BYTES, "embeddings");
        if (count == 0) {
            return RowBlocks.NONE;
        }
        int offset = in.getInt();
        MessageBytes.require(in, 2L * Integer.BYTES * count);
        long end = offset;
        List<RowBlocks.Block> blocks = new ArrayList<>();
        for (int n = 0; n < count; n++) {
            int rows = in.getInt();
            int columns = in.getInt();
            end += (long) rows * columns;
            if (offset < 0 || rows < 1 || columns < 1 || end > length) {
                throw MessageBytes.damaged(
                        "its gradient of " + length + " numbers has " + rows + " rows of " + columns + " up to " + end);
            }
            blocks.add(new RowBlocks.Block(rows, columns));
        }
        return new RowBlocks(offset, blocks);
    }
}
