package dev.unroll.ml;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.Columns;
import dev.unroll.data.Sequence;
import dev.unroll.data.Vocabulary;
import dev.unroll.model.Explainer;
import dev.unroll.model.Explanation;
import dev.unroll.model.ExplanationSpec;
import dev.unroll.model.Model;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.spark.rows.RowParser;
import dev.unroll.spark.source.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The column expression of {@link RnnModel#explain}: a row of the columns that are read to its explanation, or null for a row to skip. */
final class ExplainFunction implements UDF1<Row, Row> {

    private static final long serialVersionUID = 1L;

    private static final DataType NUMBERS = DataTypes.createArrayType(DataTypes.DoubleType, false);

    private final Model model;
    private final ExplanationSpec spec;
    private final RowParser parser;
    private final boolean skip;
    private transient Explainer explainer;

    ExplainFunction(Model model, ExplanationSpec spec, RowParser parser, boolean skip) {
        this.model = model;
        this.spec = spec;
        this.parser = parser;
        this.skip = skip;
    }

    /** The type of an explanation. */
    StructType type() {
        StructType type = new StructType()
                .add("score", DataTypes.DoubleType, false)
                .add("baselineScore", DataTypes.DoubleType, false)
                .add("remainder", DataTypes.DoubleType, false)
                .add("label", DataTypes.StringType)
                .add("steps", NUMBERS, false);
        if (readsTokens()) {
            return type.add("tokens", DataTypes.createArrayType(DataTypes.StringType, false), false);
        }
        Columns columns = model.encoding().columns();
        if (columns == null || columns.areFeatures()) {
            return type.add("columns", DataTypes.createArrayType(NUMBERS, false), false);
        }
        StructType byName = new StructType();
        int ofSteps = columns.numbers().size() + columns.categories().size();
        for (int k = 0; k < columns.names().size(); k++) {
            byName = byName.add(columns.names().get(k), k < ofSteps ? NUMBERS : DataTypes.DoubleType, false);
        }
        return type.add("columns", byName, false);
    }

    private boolean readsTokens() {
        return model.spec().input() instanceof NetworkSpec.Tokens;
    }

    @Override
    public Row call(Row read) {
        if (explainer == null) {
            explainer = new Explainer(model, spec);
        }
        try {
            List<CanonicalRow> pieces = parser.parse(read);
            Sequence sequence = sequence(pieces);
            int most = explainer.mostSteps();
            if (sequence.length() > most) {
                throw new Fault(column(), "more steps than the " + most + " that can be explained", sequence.length());
            }
            int outputs = Explainer.outputs(model, sequence.length());
            if (!spec.isAmong(outputs)) {
                throw new Fault(column(), "fewer predictions than output " + spec.output(), outputs);
            }
            return row(explainer.explain(sequence), pieces);
        } catch (Fault fault) {
            return PredictFunction.unusable(fault, skip);
        }
    }

    /** The first of those that are read. */
    private String column() {
        return parser.columns().get(0);
    }

    private Sequence sequence(List<CanonicalRow> pieces) {
        return model.task() == LearningTask.LANGUAGE_MODEL
                ? Sequence.joined(pieces.stream()
                        .map(piece -> piece.decodeNext(model.vocabulary()))
                        .toList())
                : pieces.get(0).decode(model.encoding());
    }

    private Row row(Explanation explanation, List<CanonicalRow> pieces) {
        return RowFactory.create(
                explanation.score(),
                explanation.baselineScore(),
                explanation.remainder(),
                explanation.label(),
                explanation.steps(),
                readsTokens() ? tokens(pieces) : columns(explanation));
    }

    /** What the steps are; a language model reads all but the last token of each piece. */
    private String[] tokens(List<CanonicalRow> pieces) {
        List<String> tokens = new ArrayList<>();
        for (CanonicalRow piece : pieces) {
            piece.forEachToken(tokens::add);
            if (model.task() == LearningTask.LANGUAGE_MODEL) {
                tokens.remove(tokens.size() - 1);
            }
        }
        return tokens.stream()
                .map(token -> token.equals(Vocabulary.END) ? "" : token)
                .toArray(String[]::new);
    }

    private Object columns(Explanation explanation) {
        double[][] columns = explanation.columns();
        Columns names = model.encoding().columns();
        if (names == null || names.areFeatures()) {
            return IntStream.range(0, columns[0].length)
                    .mapToObj(t -> IntStream.range(0, columns.length)
                            .mapToDouble(k -> columns[k][t])
                            .toArray())
                    .toArray();
        }
        List<Object> values = new ArrayList<>(List.of((Object[]) columns));
        for (double whole : explanation.statics()) {
            values.add(whole);
        }
        return RowFactory.create(values.toArray());
    }
}
