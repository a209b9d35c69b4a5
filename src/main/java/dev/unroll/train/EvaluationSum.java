package dev.unroll.train;

import dev.unroll.nn.LossSum;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/** Loss and confusion counts summed over labelled sequences: validation and {@code evaluate}. Mutable. */
public final class EvaluationSum implements Sum<EvaluationSum> {

    private final LossSum loss;
    private final int classes;
    private final long[] confusion; // (C, C), row = label, column = prediction

    /** Zero, for that many classes. */
    public EvaluationSum(int classes) {
        this(new LossSum(), classes, new long[Math.multiplyExact(classes, classes)]);
    }

    private EvaluationSum(LossSum loss, int classes, long[] confusion) {
        this.loss = loss;
        this.classes = classes;
        this.confusion = confusion;
    }

    public LossSum loss() {
        return loss;
    }

    /** Counts one prediction. */
    void count(int label, int prediction) {
        confusion[label * classes + prediction]++;
    }

    /** How often the label was predicted as {@code prediction}. */
    public long confusion(int label, int prediction) {
        return confusion[label * classes + prediction];
    }

    /** Metrics by name: {@code loss} (mean, nats), {@code accuracy} and {@code macroF1}. */
    public Map<String, Double> metrics() {
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("loss", loss.meanLoss());
        metrics.put("accuracy", loss.accuracy());
        metrics.put("macroF1", macroF1());
        return metrics;
    }

    /** The mean over classes that occur (as label or prediction) of F1 = 2 true positives / (labels + predictions). */
    private double macroF1() {
        double sum = 0;
        int present = 0;
        for (int c = 0; c < classes; c++) {
            long labels = 0;
            long predictions = 0;
            for (int other = 0; other < classes; other++) {
                labels += confusion(c, other);
                predictions += confusion(other, c);
            }
            if (labels + predictions > 0) {
                sum += 2.0 * confusion(c, c) / (labels + predictions);
                present++;
            }
        }
        return sum / present;
    }

    @Override
    public void merge(EvaluationSum other) {
        loss.merge(other.loss);
        for (int i = 0; i < confusion.length; i++) {
            confusion[i] += other.confusion[i];
        }
    }

    @Override
    public int byteCount() {
        return SumBytes.LOSS + Integer.BYTES + Long.BYTES * confusion.length;
    }

    @Override
    public void write(ByteBuffer out) {
        SumBytes.writeLoss(loss, out);
        out.putInt(classes);
        for (long count : confusion) {
            out.putLong(count);
        }
    }

    public static EvaluationSum read(ByteBuffer in) {
        LossSum loss = SumBytes.readLoss(in);
        int classes = in.getInt();
        long[] confusion = new long[classes * classes];
        for (int i = 0; i < confusion.length; i++) {
            confusion[i] = in.getLong();
        }
        return new EvaluationSum(loss, classes, confusion);
    }
}
