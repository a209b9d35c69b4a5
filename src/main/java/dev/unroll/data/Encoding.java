package dev.unroll.data;

import java.io.Serializable;

/**
 * How rows become numbers: the ids of tokens and of labels, and the scaling.
 *
 * @param vocabulary of the tokens; null where steps are numbers
 * @param labels of the classes; null where there are none, or they are tokens
 * @param scaling of numbers of inputs and of targets
 * @param columns that a network of several reads; null where steps are tokens, or numbers of which none is missing
 * @param horizon how many of the last outputs of a sequence are predictions; 0 for all
 */
public record Encoding(Vocabulary vocabulary, Labels labels, Scaling scaling, Columns columns, int horizon)
        implements Serializable {

    /** Where all outputs are predictions. */
    public Encoding(Vocabulary vocabulary, Labels labels, Scaling scaling, Columns columns) {
        this(vocabulary, labels, scaling, columns, 0);
    }

    /** Of tokens, or of numbers of which none is missing. */
    public Encoding(Vocabulary vocabulary, Labels labels, Scaling scaling) {
        this(vocabulary, labels, scaling, null);
    }

    /** Without scaling. */
    public Encoding(Vocabulary vocabulary, Labels labels) {
        this(vocabulary, labels, Scaling.NONE);
    }

    /** This encoding with another scaling. */
    public Encoding with(Scaling other) {
        return new Encoding(vocabulary, labels, other, columns, horizon);
    }

    /** The encoding of one sequence, whose scaling may be that of its own numbers, (T, width), as the data have them. */
    Encoding of(double[] numbers, int width) {
        return scaling.isByWindow() ? with(scaling.of(numbers, width)) : this;
    }

    /**
     * A sequence of numbers without labels, as {@link CanonicalRow#decode} gives it.
     *
     * @param numbers (T, width), as the data have them; NaN for one that is missing
     */
    public Sequence sequence(double[] numbers, int width) {
        Encoding own = of(numbers, width);
        return unlabelled(own.steps(numbers, width), own);
    }

    /** A sequence of columns without labels, as {@link CanonicalRow#decode} gives it. */
    public Sequence sequence(RowColumns row) {
        Encoding own = of(row.numbers(), row.width());
        return unlabelled(own.steps(row), own);
    }

    private Sequence unlabelled(Steps steps, Encoding own) {
        return new Sequence(steps, Terms.ofLabels(new int[0]), ownScale(own), level(own), 1f);
    }

    /** How the first number of a step is scaled where each sequence has a scaling of its own; null where none has. */
    Standardization ownScale(Encoding own) {
        return scaling.isOfEachSequence() ? own.scaling.firstNumber() : null;
    }

    /** The level of counts of a sequence; 0 where it has none of its own. */
    double level(Encoding own) {
        return scaling.counts() ? own.scaling.targets().deviation(0) : 0;
    }

    /** Numbers of one column of features, (T, width), scaled. */
    Steps steps(double[] numbers, int width) {
        float[] scaled = scaling.inputs().apply(numbers);
        // A network that reads columns has numbers that may be missing.
        return columns == null
                ? new Steps.Dense(scaled, width)
                : new Steps.Mixed(scaled, width, new int[0][], new float[0], new int[0]);
    }

    /** What several columns have of a row, as ids and scaled numbers. */
    Steps steps(RowColumns row) {
        return row.steps(columns, scaling);
    }

    /** An upper bound of token ids, exclusive; 0 where steps are numbers. */
    public int ids() {
        return vocabulary == null ? 0 : vocabulary.size();
    }
}
