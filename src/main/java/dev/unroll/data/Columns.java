package dev.unroll.data;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * The columns that a network reads, by name, where its input is not one column of tokens or of plain numbers. Their order
 * is that of its inputs.
 *
 * @param numbers of which a step has one each
 * @param categories of which a step has one each
 * @param staticNumbers of which a sequence has one each
 * @param statics categories of which a sequence has one each
 */
public record Columns(
        List<String> numbers, List<Category> categories, List<String> staticNumbers, List<Category> statics)
        implements Serializable {

    /** No names: the numbers of a step are one column of features, and may be missing. */
    public static final Columns OF_FEATURES = new Columns(List.of(), List.of(), List.of(), List.of());

    public Columns {
        numbers = List.copyOf(numbers);
        categories = List.copyOf(categories);
        staticNumbers = List.copyOf(staticNumbers);
        statics = List.copyOf(statics);
    }

    /** A column and what its values can be. */
    public record Category(String column, Vocabulary vocabulary) implements Serializable {}

    /** Whether the numbers of a step are one column of features. */
    public boolean areFeatures() {
        return equals(OF_FEATURES);
    }

    /** The names of all: numbers and categories of steps, then those of sequences. */
    public List<String> names() {
        List<String> names = new ArrayList<>(numbers);
        categories.forEach(category -> names.add(category.column()));
        names.addAll(staticNumbers);
        statics.forEach(category -> names.add(category.column()));
        return names;
    }

    /** The columns of categories, of steps and then of sequences. */
    public List<Category> coded() {
        List<Category> coded = new ArrayList<>(categories);
        coded.addAll(statics);
        return coded;
    }
}
