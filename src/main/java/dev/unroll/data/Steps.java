package dev.unroll.data;

import java.util.Arrays;
import java.util.Objects;

/** The steps of one sequence. Immutable by convention: the arrays are not copied. */
sealed interface Steps {

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
            return "tokens";
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
            return "rows of width " + width;
        }
    }
}
