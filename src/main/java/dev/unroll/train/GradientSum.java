package dev.unroll.train;

import dev.unroll.nn.LossSum;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Gradient, loss and weight summed over sequences; the driver divides once, at the end. Mutable. */
public final class GradientSum implements Sum<GradientSum> {

    private final float[] gradient; // in the layout of theta
    private final LossSum loss;

    /** Zero, for that many parameters. */
    public GradientSum(int parameters) {
        this(new float[parameters], new LossSum());
    }

    private GradientSum(float[] gradient, LossSum loss) {
        this.gradient = gradient;
        this.loss = loss;
    }

    /** Zero, in the memory of this one, which must not be used any more. */
    GradientSum cleared() {
        Arrays.fill(gradient, 0f);
        return new GradientSum(gradient, new LossSum());
    }

    /** The gradient sum, for the kernel to add into. */
    public float[] gradient() {
        return gradient;
    }

    /** The scalars that ride along. */
    public LossSum loss() {
        return loss;
    }

    @Override
    public void merge(GradientSum other) {
        for (int i = 0; i < gradient.length; i++) {
            gradient[i] += other.gradient[i];
        }
        loss.merge(other.loss);
    }

    /** The mean gradient over weight: each element divided once, in double. */
    public float[] mean() {
        double weight = loss.weightSum();
        float[] mean = new float[gradient.length];
        for (int i = 0; i < mean.length; i++) {
            mean[i] = (float) (gradient[i] / weight);
        }
        return mean;
    }

    @Override
    public int byteCount() {
        return Math.addExact(Integer.BYTES + SumBytes.LOSS, Math.multiplyExact(Float.BYTES, gradient.length));
    }

    @Override
    public void write(ByteBuffer out) {
        SumBytes.writeLoss(loss, out);
        out.putInt(gradient.length);
        out.asFloatBuffer().put(gradient);
        out.position(out.position() + Float.BYTES * gradient.length);
    }

    public static GradientSum read(ByteBuffer in) {
        LossSum loss = SumBytes.readLoss(in);
        float[] gradient = new float[in.getInt()];
        in.asFloatBuffer().get(gradient);
        in.position(in.position() + Float.BYTES * gradient.length);
        return new GradientSum(gradient, loss);
    }
}
