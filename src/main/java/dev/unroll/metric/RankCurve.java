package dev.unroll.metric;

import dev.unroll.math.ExactSum;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * How well scores rank the terms of one class before all others: the areas under its ROC curve and under its curve of precision
 * and recall, from terms in descending order of their scores. Terms of the same score are one point of the curves, whatever
 * their order. A curve may be made of parts, each of which begins with what is ahead of it; no score is in two parts.
 *
 * <p>Of the positive weight P, the negative N, and what is at or ahead of each score, tp and fp: the area under the ROC curve is
 * that of trapezoids, sum of dfp (tp - dtp / 2) / (P N), and the average precision is the sum of dtp / P * tp / (tp + fp), as
 * {@code roc_auc_score} and {@code average_precision_score} of scikit-learn have them. Mutable; not thread-safe.
 */
public final class RankCurve {

    private ExactSum positive = new ExactSum(); // weight of the class, what is ahead included
    private ExactSum negative = new ExactSum(); // of all others
    private final ExactSum pairs = new ExactSum(); // sum of dfp (tp - dtp / 2)
    private final ExactSum precision = new ExactSum(); // sum of dtp * tp / (tp + fp)
    private ExactSum tiedPositive = new ExactSum();
    private ExactSum tiedNegative = new ExactSum();
    private float score = Float.NaN; // of the latest term

    /** Begins behind the terms of another part: for each part, once. */
    public void begin(RankCurve ahead) {
        positive.merge(ahead.positive);
        negative.merge(ahead.negative);
    }

    /** Adds the next part, which began behind all before it. */
    public void append(RankCurve part) {
        positive = part.positive;
        negative = part.negative;
        pairs.merge(part.pairs);
        precision.merge(part.precision);
    }

    /** @param next at most the one before */
    public void add(float next, boolean isPositive, double weight) {
        if (next != score) {
            end();
            score = next;
        }
        (isPositive ? tiedPositive : tiedNegative).add(weight);
    }

    /** Ends the latest score: after the last term. */
    public void end() {
        double positives = tiedPositive.value();
        double negatives = tiedNegative.value();
        positive.merge(tiedPositive);
        negative.merge(tiedNegative);
        tiedPositive = new ExactSum();
        tiedNegative = new ExactSum();
        double tp = positive.value();
        if (negatives > 0) {
            pairs.add(negatives * (tp - positives / 2));
        }
        if (positives > 0) {
            precision.add(positives * (tp / (tp + negative.value())));
        }
    }

    /** What the terms of the class weigh. */
    public double positives() {
        return positive.value();
    }

    /** From 0 to 1, 0.5 by chance; NaN unless there are terms of the class and others. */
    public double areaUnderRoc() {
        return pairs.value() / (positive.value() * negative.value());
    }

    /** From 0 to 1, the share of the class by chance; NaN without terms of the class. */
    public double averagePrecision() {
        return precision.value() / positive.value();
    }

    /** Writes a part that has ended. */
    public void write(DataOutput out) throws IOException {
        for (ExactSum sum : new ExactSum[] {positive, negative, pairs, precision}) {
            sum.write(out);
        }
    }

    public static RankCurve read(DataInput in) throws IOException {
        RankCurve curve = new RankCurve();
        for (ExactSum sum : new ExactSum[] {curve.positive, curve.negative, curve.pairs, curve.precision}) {
            sum.merge(ExactSum.read(in));
        }
        return curve;
    }
}
