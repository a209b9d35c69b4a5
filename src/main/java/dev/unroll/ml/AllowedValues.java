package dev.unroll.ml;

import dev.unroll.nn.LossNames;
import dev.unroll.nn.QuantileLevels;
import dev.unroll.nn.Truncation;
import dev.unroll.optim.Schedule;
import dev.unroll.param.Keyed;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import scala.runtime.AbstractFunction1;

/** Which values a Param takes, with the words that an error and the docs use for it. Spark asks it as a function. */
final class AllowedValues<T> extends AbstractFunction1<T, Object> implements Serializable {

    private static final long serialVersionUID = 1L;

    private interface Check<T> extends Predicate<T>, Serializable {}

    private final String text;
    private final Check<T> check;

    private AllowedValues(String text, Check<T> check) {
        this.text = text;
        this.check = check;
    }

    static AllowedValues<Object> atLeast(double bound) {
        return new AllowedValues<>("at least " + number(bound), v -> ((Number) v).doubleValue() >= bound);
    }

    static AllowedValues<Object> from(int least, int most) {
        return new AllowedValues<>(
                "from " + least + " to " + most,
                v -> ((Number) v).doubleValue() >= least && ((Number) v).doubleValue() <= most);
    }

    static AllowedValues<int[]> eachAtLeast(int bound) {
        return new AllowedValues<>(
                "whole numbers, at least " + bound + ", with commas between them",
                v -> Arrays.stream(v).allMatch(number -> number >= bound));
    }

    static AllowedValues<Object> above(double bound) {
        return new AllowedValues<>(
                "above " + number(bound),
                v -> ((Number) v).doubleValue() > bound && ((Number) v).doubleValue() < Double.POSITIVE_INFINITY);
    }

    static AllowedValues<double[]> thresholds() {
        return new AllowedValues<>(
                "a number for each label in their order, at least 0 and one of them 0 at most, with commas between them",
                v -> Arrays.stream(v).allMatch(number -> number >= 0 && number < Double.POSITIVE_INFINITY)
                        && Arrays.stream(v).filter(number -> number == 0).count() <= 1);
    }

    /** From {@code low} (included) to {@code high} (excluded). */
    static AllowedValues<Object> between(double low, double high) {
        return new AllowedValues<>(
                "from " + number(low) + " to below " + number(high),
                v -> ((Number) v).doubleValue() >= low && ((Number) v).doubleValue() < high);
    }

    static AllowedValues<String> oneOf(String... values) {
        return oneOf(Arrays.asList(values)); // which may be asked for null
    }

    /** Some keys of an enum, or none, as a list. */
    static <E extends Enum<E> & Keyed> AllowedValues<String[]> someOf(Class<E> type) {
        List<String> keys = Keyed.keys(type);
        return new AllowedValues<>(
                Keyed.list(keys) + ", each at most once, with commas between them",
                v -> keys.containsAll(Arrays.asList(v))
                        && Arrays.stream(v).distinct().count() == v.length);
    }

    /** The keys of an enum. */
    static <E extends Enum<E> & Keyed> AllowedValues<String> oneOf(Class<E> type) {
        return oneOf(Keyed.keys(type));
    }

    private static AllowedValues<String> oneOf(List<String> values) {
        return new AllowedValues<>(Keyed.list(values), (Check<String> & Serializable) values::contains);
    }

    static AllowedValues<String> losses() {
        return new AllowedValues<>(LossNames.allowed(), LossNames::accepts);
    }

    static AllowedValues<String> levels() {
        return new AllowedValues<>(QuantileLevels.ALLOWED, QuantileLevels::accepts);
    }

    static AllowedValues<String> schedules() {
        return new AllowedValues<>(Schedule.ALLOWED, Schedule::accepts);
    }

    static AllowedValues<String> truncations() {
        return new AllowedValues<>(Truncation.ALLOWED, Truncation::accepts);
    }

    static <T> AllowedValues<T> any(String text) {
        return new AllowedValues<>(text, v -> true);
    }

    private static String number(double bound) {
        return bound == Math.rint(bound) ? Long.toString((long) bound) : Double.toString(bound);
    }

    @Override
    public Object apply(T value) {
        return check.test(value);
    }

    /** Such as "at least 1", to stand behind "allowed is". */
    @Override
    public String toString() {
        return text;
    }
}
