package dev.unroll.nn;

import dev.unroll.data.Sequence;
import dev.unroll.data.Steps;
import dev.unroll.nn.NetworkSpec.Category;
import dev.unroll.nn.NetworkSpec.Mixed;
import java.util.List;

/** Numbers and categories of {@link PlainNetwork}, of steps and of whole sequences: rows {@code [embeddings | numbers | indicators]}. */
record PlainColumns(Mixed input, float[] theta) {

    /** How many parameters all embeddings have; they come first in theta. */
    static int parameters(NetworkSpec.Input input) {
        return input instanceof Mixed mixed
                ? parameters(mixed.categories()) + parameters(mixed.statics())
                : input instanceof NetworkSpec.Tokens tokens ? tokens.vocabulary() * tokens.embeddingSize() : 0;
    }

    private static int parameters(List<Category> categories) {
        return categories.stream()
                .mapToInt(c -> c.vocabulary() * c.embeddingSize())
                .sum();
    }

    /** What holds for the whole sequence, and below it step t. */
    float[] row(Sequence s, int t) {
        float[] row = new float[input.staticSize() + input.size()];
        System.arraycopy(statics(s), 0, row, 0, input.staticSize());
        Steps.Mixed steps = (Steps.Mixed) s.steps();
        int[] ids = new int[input.categories().size()];
        for (int k = 0; k < ids.length; k++) {
            ids[k] = steps.ids()[k][t];
        }
        fill(row, input.staticSize(), input.categories(), 0, ids, steps.values(), t * input.numbers(), input.numbers());
        return row;
    }

    /** (S). */
    float[] statics(Sequence s) {
        float[] row = new float[input.staticSize()];
        Steps.Mixed steps = (Steps.Mixed) s.steps();
        int at = parameters(input.categories());
        fill(row, 0, input.statics(), at, steps.staticIds(), steps.staticValues(), 0, input.staticNumbers());
        return row;
    }

    private void fill(
            float[] row, int to, List<Category> categories, int at, int[] ids, float[] values, int from, int numbers) {
        for (int k = 0; k < ids.length; k++) {
            for (int i = 0; i < categories.get(k).embeddingSize(); i++) {
                row[to++] = theta[at + ids[k] * categories.get(k).embeddingSize() + i];
            }
            at += parameters(categories.subList(k, k + 1));
        }
        for (int d = 0; d < numbers; d++) {
            float value = values[from + d];
            row[to + d] = input.masked() && Float.isNaN(value) ? 0 : value;
            if (input.masked()) {
                row[to + numbers + d] = Float.isNaN(value) ? 1 : 0;
            }
        }
    }

    /** Adds the gradient of {@link #row} at step t to those of the embeddings of its ids. */
    void addGradients(Sequence s, int t, float[] dRow, float[] gradient) {
        int at = 0;
        int from = input.staticSize();
        for (int k = 0; k < input.categories().size(); k++) {
            Category c = input.categories().get(k);
            int id = ((Steps.Mixed) s.steps()).ids()[k][t];
            for (int i = 0; i < c.embeddingSize(); i++) {
                gradient[at + id * c.embeddingSize() + i] += dRow[from++];
            }
            at += parameters(List.of(c));
        }
    }

    /** Adds the gradient of {@link #statics} to those of the embeddings of its ids. */
    void addStaticGradients(Sequence s, float[] dStatics, float[] gradient) {
        int at = parameters(input.categories());
        int from = 0;
        for (int k = 0; k < input.statics().size(); k++) {
            Category c = input.statics().get(k);
            int id = ((Steps.Mixed) s.steps()).staticIds()[k];
            for (int i = 0; i < c.embeddingSize(); i++) {
                gradient[at + id * c.embeddingSize() + i] += dStatics[from++];
            }
            at += parameters(List.of(c));
        }
    }

    /**
     * For weights whose rows begin with the columns of the statics: adds {@code sums s'} to their gradient, and {@code W' sums} to that of s,
     * row by row in the given order.
     */
    void addProducts(
            float[] sums, int[] order, float[] s, int weight, int rowFloats, float[] dStatics, float[] gradient) {
        for (int j : order) {
            for (int i = 0; i < s.length; i++) {
                int at = weight + j * rowFloats + i;
                gradient[at] = Math.fma(sums[j], s[i], gradient[at]);
                dStatics[i] = Math.fma(sums[j], theta[at], dStatics[i]);
            }
        }
    }
}
