package dev.unroll.fit;

import dev.unroll.data.ColumnRanges;
import dev.unroll.spark.rows.RowStatistics;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Columns whose changes are lost, or nearly so, when their numbers are rounded to float32 without being scaled first. */
final class RoundingWarnings {

    /** Steps of float32 in the range of a column, below which the rounding is worth a word: 1/2048 of the range. */
    private static final double COARSE = 1024;

    private static final MathContext SHOWN = new MathContext(3);

    private RoundingWarnings() {}

    /** What to say of rows that are not standardized: at most a sentence on steps, one on whole sequences and one on targets. */
    static List<String> of(RowStatistics facts) {
        return Stream.of(
                        sentence("number", "of a step", facts.ranges()),
                        sentence("number", "of a sequence", facts.staticRanges()),
                        sentence("target", "", facts.targetRanges()))
                .flatMap(Optional::stream)
                .toList();
    }

    private static Optional<String> sentence(String what, String of, ColumnRanges ranges) {
        int[] coarse = IntStream.range(0, ranges.width())
                .filter(j -> ranges.size(j) > 0 && ranges.float32Steps(j) < COARSE)
                .toArray();
        if (coarse.length == 0) {
            return Optional.empty();
        }
        int first = coarse[0];
        return Optional.of((what + " " + (first + 1) + " " + of).strip() + " changes by "
                + shown(ranges.size(first)) + " at a level of " + shown(ranges.maximum(first))
                + ", where float32 has steps of " + shown(ranges.float32Step(first))
                + (coarse.length > 1 ? " (" + coarse.length + " columns are such)" : "")
                + ": standardize scales it before it is rounded, or subtract its level first");
    }

    private static String shown(double value) {
        return new BigDecimal(value).round(SHOWN).stripTrailingZeros().toString();
    }
}
