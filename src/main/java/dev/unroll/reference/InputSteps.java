package dev.unroll.reference;

import dev.unroll.data.Sequence;
import dev.unroll.data.Steps;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.NetworkSpec.Category;
import dev.unroll.nn.NetworkSpec.Mixed;
import dev.unroll.nn.NetworkSpec.Tokens;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * The input of the recurrent layers: takes a sequence, gives x_1..x_T. A step u_t of the sequence is its row of
 * numbers, or for a token k the vector e_k that is 1 at k. Without an embedding x_t is u_t; with an embedding E it is
 * {@code E' u_t}, the row k of E.
 *
 * <p>Mixed steps have several tokens and numbers: x_t is what each gives, one below the other. What holds for the whole
 * sequence, s, is put together in the same way; it stands above every x_t, and above every h_t that the head reads.
 */
final class InputSteps {

    private static final String EMBEDDING = "embedding.weight";
    private static final String COLUMNS = "embeddings.";
    private static final String STATIC_COLUMNS = "static_embeddings.";

    final int steps; // T
    final Matrix[] x; // x_1 .. x_T
    final Matrix statics; // s, (S); null where there are none
    private final Parameters theta;
    private final NetworkSpec.Input input;
    private final Sequence sequence;

    InputSteps(NetworkSpec.Input input, Parameters theta, Sequence sequence) {
        this.theta = theta;
        this.input = input;
        this.sequence = sequence;
        this.steps = sequence.length();
        this.x = new Matrix[steps + 1];
        this.statics = input.staticSize() > 0 ? statics((Mixed) input, (Steps.Mixed) sequence.steps()) : null;
        for (int t = 1; t <= steps; t++) {
            x[t] = below(statics, step(t));
        }
    }

    /** One vector below another, or alone where there is no other. */
    static Matrix below(Matrix above, Matrix vector) {
        return above == null ? vector : Matrix.stack(above, vector);
    }

    private Matrix step(int t) {
        if (input instanceof Tokens) {
            return theta.has(EMBEDDING) ? embedded(EMBEDDING, sequence.tokens()[t - 1]) : unit(t);
        }
        Matrix numbers = sequence.width() == 0 ? null : Matrix.row(sequence.values(), sequence.width(), t - 1);
        if (!(input instanceof Mixed mixed)) {
            return numbers;
        }
        int[][] ids = ((Steps.Mixed) sequence.steps()).ids();
        return joined(COLUMNS, mixed.categories(), k -> ids[k][t - 1], numbers, mixed.masked());
    }

    private Matrix statics(Mixed mixed, Steps.Mixed whole) {
        Matrix numbers = mixed.staticNumbers() == 0 ? null : Matrix.row(whole.staticValues(), mixed.staticNumbers(), 0);
        return joined(STATIC_COLUMNS, mixed.statics(), k -> whole.staticIds()[k], numbers, mixed.masked());
    }

    private interface Ids {
        int of(int column);
    }

    /** {@code E_1' u_1} to {@code E_K' u_K}, then numbers, 0 where missing, then 1 for each that is missing, 0 for others. */
    private Matrix joined(String member, List<Category> categories, Ids ids, Matrix numbers, boolean masked) {
        List<Matrix> parts = new ArrayList<>();
        for (int k = 0; k < categories.size(); k++) {
            parts.add(embedded(member + categories.get(k).column() + ".weight", ids.of(k)));
        }
        if (numbers != null) {
            parts.add(masked ? numbers.map(v -> Double.isNaN(v) ? 0 : v) : numbers);
        }
        if (numbers != null && masked) {
            parts.add(numbers.map(v -> Double.isNaN(v) ? 1 : 0));
        }
        return Matrix.stack(parts.toArray(Matrix[]::new));
    }

    private Matrix embedded(String name, int id) {
        Matrix embedding = theta.get(name);
        return embedding.transpose().times(Matrix.unit(embedding.rows(), id));
    }

    /** u_t of a token. */
    private Matrix unit(int t) {
        return Matrix.unit(((Tokens) input).vocabulary(), sequence.tokens()[t - 1]);
    }

    /** {@code dL/dE = sum_t u_t (dL/dx_t)'}: a row of E is summed over all places where its token occurs. */
    Matrix embeddingGradient(IntFunction<Matrix> inputGradient) {
        return Places.sum(1, steps, t -> unit(t).times(inputGradient.apply(t).transpose()));
    }

    /** Whether a parameter is the embedding of one of several columns. */
    static boolean isColumn(String name) {
        return name.startsWith(COLUMNS) || name.startsWith(STATIC_COLUMNS);
    }

    /**
     * The same for the embedding of one of several columns: of dL/dx_t the part that stands where the column's does, and
     * of a column of statics what dL/ds has there, which is the sum over all places of layer and head.
     *
     * @param inputGradient {@code dL/dx_t}, s included
     * @param head dL/ds as the head gives it
     */
    Matrix columnGradient(String name, IntFunction<Matrix> inputGradient, Matrix head) {
        Mixed mixed = (Mixed) input;
        boolean ofStatics = name.startsWith(STATIC_COLUMNS);
        int at = ofStatics ? 0 : input.staticSize();
        List<Category> categories = ofStatics ? mixed.statics() : mixed.categories();
        int k = 0;
        while (!name.equals(
                (ofStatics ? STATIC_COLUMNS : COLUMNS) + categories.get(k).column() + ".weight")) {
            at += categories.get(k++).embeddingSize();
        }
        Category category = categories.get(k);
        int from = at;
        int to = at + category.embeddingSize();
        int column = k;
        Steps.Mixed whole = (Steps.Mixed) sequence.steps();
        if (ofStatics) {
            Matrix gradient = Places.sum(1, steps, inputGradient).rows(from, to).plus(head.rows(from, to));
            return Matrix.unit(category.vocabulary(), whole.staticIds()[column]).times(gradient.transpose());
        }
        return Places.sum(1, steps, t -> Matrix.unit(category.vocabulary(), whole.ids()[column][t - 1])
                .times(inputGradient.apply(t).rows(from, to).transpose()));
    }
}
