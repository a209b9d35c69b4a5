package dev.unroll.data;

import java.io.DataOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a row says about its steps: labels (Strings, or numbers as {@link Labels#ofNumber} gives them), or sets of labels, or
 * targets (terms, width), or nothing; and what each of them weighs. Labels and targets follow the steps in the bytes of the row.
 *
 * @param labels or {@link LabelSet}s; null for one that is missing
 * @param targets NaN, all numbers of it, for one that is missing
 * @param width 0 where there are labels
 * @param weights of the labels or targets, at least 0; null where all are 1
 */
public record RowOutcome(List<?> labels, double[] targets, int width, float[] weights) {

    /** Nothing. */
    public static final RowOutcome NONE = labels(List.of());

    private static final byte LABELS = 0;
    private static final byte TARGETS = 1;
    private static final byte EXACT_TARGETS = 2;
    private static final byte TEXT_LABEL = 0;
    private static final byte NUMBER_LABEL = 1;
    private static final byte EXACT_LABEL = 2;
    private static final byte NO_LABEL = 3;
    private static final byte LABEL_SET = 4;

    public static RowOutcome labels(List<?> labels) {
        return new RowOutcome(labels, new double[0], 0, null);
    }

    public static RowOutcome targets(double[] targets, int width) {
        return new RowOutcome(List.of(), targets, width, null);
    }

    /** This outcome with a weight for each label or target. */
    public RowOutcome weighted(float[] newWeights) {
        boolean ones = true;
        for (float weight : newWeights) {
            ones &= weight == 1;
        }
        return new RowOutcome(labels, targets, width, ones ? null : newWeights);
    }

    /** Number of labels, or rows of targets; those that are missing count. */
    public int terms() {
        return width == 0 ? labels.size() : targets.length / width;
    }

    /** The labels of term t: one, or those of a set; none where it is missing. */
    public List<?> labelsOf(int t) {
        Object label = labels.get(t);
        return label == null ? List.of() : label instanceof LabelSet set ? set.labels() : List.of(label);
    }

    /** Whether label or target t is missing. */
    public boolean isMissing(int t) {
        return width == 0 ? labels.get(t) == null : Double.isNaN(targets[t * width]);
    }

    /** How many labels or targets are missing. */
    public int missing() {
        int missing = 0;
        for (int t = 0; t < terms(); t++) {
            missing += isMissing(t) ? 1 : 0;
        }
        return missing;
    }

    void write(DataOutputStream out) throws IOException {
        if (width > 0) {
            boolean floats = RowNumbers.areFloats(targets);
            out.writeByte(floats ? TARGETS : EXACT_TARGETS);
            RowNumbers.write(out, targets, width, floats);
        } else {
            out.writeByte(LABELS);
            writeLabels(out, labels);
        }
    }

    private static void writeLabels(DataOutputStream out, List<?> labels) throws IOException {
        out.writeInt(labels.size());
        for (Object label : labels) {
            if (label instanceof Double number) {
                out.writeByte(NUMBER_LABEL);
                out.writeLong(Double.doubleToLongBits(number));
            } else if (label instanceof BigDecimal number) {
                out.writeByte(EXACT_LABEL);
                RowText.write(out, number.toString());
            } else if (label instanceof LabelSet set) {
                out.writeByte(LABEL_SET);
                writeLabels(out, set.labels());
            } else if (label == null) {
                out.writeByte(NO_LABEL);
            } else {
                out.writeByte(TEXT_LABEL);
                RowText.write(out, (String) label);
            }
        }
    }

    /** Writes the weights of labels or targets: nothing where all are 1, which is the end of a row without a series. */
    void writeWeights(DataOutputStream out) throws IOException {
        if (weights != null) {
            out.writeInt(weights.length);
            for (float weight : weights) {
                out.writeFloat(weight);
            }
        }
    }

    /** What {@link #writeWeights} wrote, or a count of 0; null where all weights are 1. */
    static float[] readWeights(ByteBuffer in) {
        int count = in.hasRemaining() ? in.getInt() : 0;
        if (count == 0) {
            return null;
        }
        float[] weights = new float[count];
        for (int t = 0; t < weights.length; t++) {
            weights[t] = in.getFloat();
        }
        return weights;
    }

    /** Labels or targets, without their weights. */
    static RowOutcome read(ByteBuffer in) {
        byte kind = in.get();
        int count = in.getInt();
        if (kind != LABELS) {
            int width = in.getInt();
            return targets(RowNumbers.read(in, count * width, kind == TARGETS), width);
        }
        return labels(readLabels(in, count));
    }

    private static List<Object> readLabels(ByteBuffer in, int count) {
        List<Object> labels = new ArrayList<>();
        for (int n = count; n > 0; n--) {
            labels.add(
                    switch (in.get()) {
                        case NUMBER_LABEL -> in.getDouble();
                        case EXACT_LABEL -> new BigDecimal(RowText.read(in));
                        case LABEL_SET -> new LabelSet(readLabels(in, in.getInt()));
                        case NO_LABEL -> null;
                        default -> RowText.read(in);
                    });
        }
        return labels;
    }

    /** Whether labels are in sets. */
    private boolean hasSets() {
        for (Object label : labels) {
            if (label != null) { // not all are missing, and those that are there are alike
                return label instanceof LabelSet;
            }
        }
        return false;
    }

    /** Labels by their index, sets of them as 1 for each of theirs and 0 for others, or targets as they were scaled, and exactly. */
    Terms terms(Encoding encoding) {
        if (hasSets()) {
            return Terms.ofTargets(indicators(encoding), null, encoding.labels().size());
        }
        if (width == 0) {
            // Where there is no label, the encoding may have none to ask.
            return Terms.ofLabels(labels.stream()
                    .mapToInt(label -> label == null ? Terms.MISSING : index(label, encoding))
                    .toArray());
        }
        Standardization scaling = encoding.scaling().targets();
        boolean same = scaling.means().length == 0 && RowNumbers.areFloats(targets);
        return Terms.ofTargets(scaling.apply(targets), same ? null : targets, width);
    }

    /** (terms, labels); NaN for a set that is missing. */
    private float[] indicators(Encoding encoding) {
        int all = encoding.labels().size();
        float[] indicators = new float[Math.multiplyExact(labels.size(), all)];
        for (int t = 0; t < labels.size(); t++) {
            if (labels.get(t) instanceof LabelSet set) {
                for (Object label : set.labels()) {
                    indicators[t * all + index(label, encoding)] = 1;
                }
            } else {
                Arrays.fill(indicators, t * all, (t + 1) * all, Float.NaN);
            }
        }
        return indicators;
    }

    private static int index(Object label, Encoding encoding) {
        int index = encoding.labels().index(label);
        if (index == Labels.UNKNOWN) {
            throw new IllegalStateException("label " + label + " is none of the labels that rows were read with");
        }
        return index;
    }

    /** Whether the outcome at a buffer's position has targets that float32 does not hold. */
    static boolean isExact(ByteBuffer in) {
        return in.get(in.position()) == EXACT_TARGETS;
    }

    /** The size of one target of the outcome at a buffer's position; 0 where there are labels. */
    static int width(ByteBuffer in) {
        return in.get() == LABELS ? 0 : in.getInt(in.position() + Integer.BYTES);
    }

    /** Copies exact targets as float32. */
    static void round(ByteBuffer in, ByteBuffer out) {
        in.get();
        RowNumbers.round(in, out.put(TARGETS));
    }

    /** Adds targets to the ranges of their columns. */
    static void addTo(ColumnRanges ranges, ByteBuffer in) {
        byte kind = in.get();
        if (kind != LABELS) {
            RowNumbers.addTo(ranges, in, kind == TARGETS);
        }
    }
}
