package dev.unroll.ml;

import dev.unroll.spark.rows.InputColumns;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.StringArrayParam;

/**
 * Params of every estimator: the columns that sequences are made of, where that is not one column of features.
 *
 * @param <E> the estimator itself, for setters that can be chained
 * @param <M> its model
 */
public abstract class InputParams<E extends InputParams<E, M>, M extends Model<M>> extends EstimatorParams<E, M> {

    private static final long serialVersionUID = 1L;

    // The transformers that make such columns have Params of the same names.
    static final String NUMERIC =
            "columns of numbers that a step is made of, in place of one column of features: an array each, or a field of"
                    + " features-col's structs; in event tables a number each";
    static final String CATEGORICAL =
            "columns of categories that a step is made of, as numeric-cols, each with a vocabulary and an embedding of its own:"
                    + " page, or page:8 for one of width 8; otherwise (ids + 1) / 2, at most 50";
    static final String STATIC_NUMERIC = "columns of numbers of which a sequence has one, a static";
    static final String STATIC_CATEGORICAL =
            "columns of categories of which a sequence has one, a static; with widths as in categorical-cols";

    private final StringArrayParam numericCols = ParamFactory.names(this, "numericCols", NUMERIC);
    private final StringArrayParam categoricalCols = ParamFactory.names(this, "categoricalCols", CATEGORICAL);
    private final StringArrayParam staticNumericCols = ParamFactory.names(this, "staticNumericCols", STATIC_NUMERIC);
    private final StringArrayParam staticCategoricalCols =
            ParamFactory.names(this, "staticCategoricalCols", STATIC_CATEGORICAL);
    private final Param<String> missing = ParamFactory.text(
            this,
            "missing",
            "numbers and categories that are null or NaN: error, or mask, where such a number is the mean and sets an input of"
                    + " its own, and such a category is an unknown one",
            "error",
            AllowedValues.oneOf("error", "mask"));

    InputParams(String uid) {
        super(uid);
    }

    private List<String> names(StringArrayParam param) {
        return Arrays.asList(this.<String[]>value(param));
    }

    /**
     * The columns that sequences are made of, and whether numbers may be missing.
     *
     * @param leveled whether predictions are scaled by the first number of the steps
     */
    final InputColumns inputs(boolean leveled) {
        return InputColumns.of(
                names(numericCols),
                names(categoricalCols),
                names(staticNumericCols),
                names(staticCategoricalCols),
                this.<String>value(missing).equals("mask"),
                leveled);
    }

    public final StringArrayParam numericCols() {
        return numericCols;
    }

    public final E setNumericCols(String... columns) {
        return with(numericCols, ParamDocs.text(columns));
    }

    public final StringArrayParam categoricalCols() {
        return categoricalCols;
    }

    /** @param columns names, or such as {@code page:8} for an embedding of width 8 */
    public final E setCategoricalCols(String... columns) {
        return with(categoricalCols, ParamDocs.text(columns));
    }

    public final StringArrayParam staticNumericCols() {
        return staticNumericCols;
    }

    public final E setStaticNumericCols(String... columns) {
        return with(staticNumericCols, ParamDocs.text(columns));
    }

    public final StringArrayParam staticCategoricalCols() {
        return staticCategoricalCols;
    }

    /** @param columns as in {@link #setCategoricalCols} */
    public final E setStaticCategoricalCols(String... columns) {
        return with(staticCategoricalCols, ParamDocs.text(columns));
    }

    public final Param<String> missing() {
        return missing;
    }

    /** @param value error or mask */
    public final E setMissing(String value) {
        return with(missing, value);
    }
}
