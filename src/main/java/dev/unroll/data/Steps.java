package dev.unroll.data;

import java.util.Arrays;
import java.util.Objects;

/** The steps of one sequence. Immutable by convention: the arrays are not copied. */
public sealed interface Steps {

    /** T, the number of steps. */
    int length();

    /** The steps [from, to), as a copy. */
    Steps slice(int from, int to);

    /** Whether one shard can hold both. */
    boolean isLike(Steps other);

    /** How errors name them. */
    String kind();

    /**
     * Steps that are tokens.
     *
     * @param ids of a vocabulary, (T)
     */
    record Tokens(int[] ids) implements Steps {

        static final String KIND = "tokens";

        public Tokens {
            Objects.requireNonNull(ids, "tokens");
        }

        @Override
        public int length() {
            return ids.length;
        }

        @Override
        public Steps slice(int from, int to) {
            return new Tokens(Arrays.copyOfRange(ids, from, to));
        }

        @Override
        public boolean isLike(Steps other) {
            return other instanceof Tokens;
        }

        @Override
        public String kind() {
            return KIND;
        }
    }

    /**
     * Steps that are rows of numbers.
     *
     * @param values (T, width), row-major
     * @param width D, at least 1
     */
    record Dense(float[] values, int width) implements Steps {

        public Dense {
            if (width < 1 || values.length % width != 0) {
                throw new IllegalArgumentException(
                        values.length + " values are no whole number of rows of width " + width);
            }
        }

        @Override
        public int length() {
            return values.length / width;
        }

        @Override
        public Steps slice(int from, int to) {
            return new Dense(Arrays.copyOfRange(values, from * width, to * width), width);
        }

        @Override
        public boolean isLike(Steps other) {
            return other instanceof Dense dense && dense.width == width;
        }

        @Override
        public String kind() {
            return kind(width);
        }

        static String kind(int width) {
            return "rows of width " + width;
        }
    }

    /**
     * Steps that are ids of several vocabularies, one of each, and numbers; and what holds for the whole sequence, its
     * statics. NaN is a number that is missing.
     *
     * @param values numbers (T, width), row-major
     * @param width D, may be 0
     * @param ids by column, (K)(T)
     * @param staticValues numbers of the whole sequence
     * @param staticIds of the whole sequence, one of each vocabulary of statics
     */
    record Mixed(float[] values, int width, int[][] ids, float[] staticValues, int[] staticIds) implements Steps {

        /** @throws IllegalArgumentException if columns differ in length, or there are none */
        public Mixed {
            if (width == 0 && ids.length == 0) {
                throw new IllegalArgumentException("a step needs a number or an id");
            }
            int length = ids.length == 0 ? values.length / width : ids[0].length;
            if (values.length != (long) length * width) {
                throw new IllegalArgumentException(
                        values.length + " values are not " + length + " rows of width " + width);
            }
            for (int[] column : ids) {
                if (column.length != length) {
                    throw new IllegalArgumentException(
                            "columns of ids have " + length + " and " + column.length + " steps");
                }
            }
        }

        @Override
        public int length() {
            return ids.length == 0 ? values.length / width : ids[0].length;
        }

        @Override
        public Steps slice(int from, int to) {
            int[][] some = new int[ids.length][];
            for (int k = 0; k < some.length; k++) {
                some[k] = Arrays.copyOfRange(ids[k], from, to);
            }
            return new Mixed(
                    Arrays.copyOfRange(values, from * width, to * width), width, some, staticValues, staticIds);
        }

        @Override
        public boolean isLike(Steps other) {
            return other instanceof Mixed mixed
                    && mixed.width == width
                    && mixed.ids.length == ids.length
                    && mixed.staticValues.length == staticValues.length
                    && mixed.staticIds.length == staticIds.length;
        }

        @Override
        public String kind() {
            return kind(width, ids.length, staticValues.length, staticIds.length);
        }

        static String kind(int numbers, int categories, int staticNumbers, int statics) {
            return numbers + " numbers and " + categories + " categories, with " + staticNumbers + " numbers and "
                    + statics + " categories of the whole sequence";
        }
    }
}
