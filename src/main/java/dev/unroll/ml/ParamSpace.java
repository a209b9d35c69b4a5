package dev.unroll.ml;

import dev.unroll.math.CounterRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;

/**
 * The settings among which a search looks: for each Param some values, or a range. {@link #grid} has all that there are, {@link
 * #sample} draws some.
 *
 * <p>Source of drawing in place of a grid: Bergstra and Bengio 2012, Random Search for Hyper-Parameter Optimization.
 */
public final class ParamSpace {

    private final List<Dimension> dimensions = new ArrayList<>();

    /**
     * A Param and what it may be.
     *
     * @param values all of them; empty of a range
     * @param draw one of them
     */
    private record Dimension(Param<?> param, List<Object> values, Draw draw) {
        @SuppressWarnings({"unchecked", "rawtypes"}) // the values are of the Param's type
        ParamMap with(ParamMap others, Object value) {
            return others.copy().put((Param) param, value);
        }
    }

    /** Takes a number in [0, 1), gives a value. */
    private interface Draw {
        Object of(double uniform);
    }

    /**
     * One of some values, each as probable as the others.
     *
     * @throws IllegalArgumentException if there are none, or one that the Param does not take
     */
    public ParamSpace choice(Param<?> param, Object... values) {
        if (values.length == 0) {
            throw new IllegalArgumentException(param.name() + " has no value to choose; allowed is at least one");
        }
        List<Object> allowed =
                Arrays.stream(values).map(value -> allowed(param, value)).toList();
        return add(param, allowed, uniform -> allowed.get((int) (uniform * allowed.size())));
    }

    /** A number from {@code low} to below {@code high}, each as probable as the others. */
    public ParamSpace uniform(DoubleParam param, double low, double high) {
        requireRange(param, low, high, Double.NEGATIVE_INFINITY);
        return add(param, List.of(), uniform -> low + uniform * (high - low));
    }

    /** A number from {@code low} to below {@code high}, whose logarithm is as probable as any other: for a learning rate. */
    public ParamSpace logUniform(DoubleParam param, double low, double high) {
        requireRange(param, low, high, 0);
        DoubleUnaryOperator value = logarithmic(low, high);
        return add(param, List.of(), value::applyAsDouble);
    }

    /** A whole number from {@code low} to {@code high}, each as probable as the others. */
    public ParamSpace uniform(IntParam param, int low, int high) {
        requireRange(param, low, high, Double.NEGATIVE_INFINITY);
        return add(param, List.of(), uniform -> low + (int) (uniform * ((long) high - low + 1)));
    }

    /** A whole number from {@code low} to {@code high}, whose logarithm is as probable as any other: for sizes. */
    public ParamSpace logUniform(IntParam param, int low, int high) {
        requireRange(param, low, high, 0);
        DoubleUnaryOperator value = logarithmic(low, high + 1.0);
        return add(param, List.of(), uniform -> (int) value.applyAsDouble(uniform));
    }

    private static DoubleUnaryOperator logarithmic(double low, double high) {
        double from = StrictMath.log(low);
        double to = StrictMath.log(high);
        return uniform -> Math.max(low, StrictMath.exp(from + uniform * (to - from)));
    }

    private static void requireRange(Param<?> param, double low, double high, double bound) {
        if (!(low < high) || low <= bound || high == Double.POSITIVE_INFINITY) {
            throw new IllegalArgumentException(param.name() + " is to be drawn from " + low + " to " + high
                    + "; allowed is a range from a lower to a higher number"
                    + (bound == 0 ? ", both above 0" : ""));
        }
        allowed(param, param instanceof IntParam ? (Object) (int) low : low);
        allowed(param, param instanceof IntParam ? (Object) (int) high : Math.nextDown(high));
    }

    private static Object allowed(Param<?> param, Object value) {
        return ParamDocs.of(param).parse(ParamDocs.text(value));
    }

    private ParamSpace add(Param<?> param, List<Object> values, Draw draw) {
        if (dimensions.stream().anyMatch(there -> there.param().equals(param))) {
            throw new IllegalArgumentException(param.name() + " has values already; give them once");
        }
        dimensions.add(new Dimension(param, values, draw));
        return this;
    }

    /**
     * All settings, the values of the last Param changing fastest.
     *
     * @throws IllegalArgumentException if a Param has a range, of which there is no end
     */
    public ParamMap[] grid() {
        List<ParamMap> settings = List.of(new ParamMap());
        for (Dimension dimension : dimensions) {
            if (dimension.values().isEmpty()) {
                throw new IllegalArgumentException(dimension.param().name()
                        + " has a range, and a grid is made of values; allowed are choice, or sample in place of grid");
            }
            settings = settings.stream()
                    .flatMap(others -> dimension.values().stream().map(value -> dimension.with(others, value)))
                    .toList();
        }
        return settings.toArray(ParamMap[]::new);
    }

    /**
     * Draws settings.
     *
     * @param count how many, at least 1
     * @param seed same seed, same settings; those of a smaller count are the first ones of a larger
     */
    public ParamMap[] sample(int count, long seed) {
        if (count < 1 || dimensions.isEmpty()) {
            throw new IllegalArgumentException("a search draws " + count + " settings of " + dimensions.size()
                    + " Params; allowed is at least 1 of each");
        }
        ParamMap[] settings = new ParamMap[count];
        for (int n = 0; n < count; n++) {
            CounterRandom random = new CounterRandom(seed, n);
            settings[n] = new ParamMap();
            for (int d = 0; d < dimensions.size(); d++) {
                Dimension dimension = dimensions.get(d);
                settings[n] = dimension.with(settings[n], dimension.draw().of(random.uniform(d)));
            }
        }
        return settings;
    }
}
