package dev.unroll.ml;

import dev.unroll.model.Model;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.Readout;
import dev.unroll.spark.source.ColumnName;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The columns that a model adds: prediction; for classes their probabilities and the outputs they are made of; and the
 * quantiles or the distribution of a loss that has them. One without a name is not added.
 */
final class PredictionColumns {

    private final Model model;
    private final List<Added> columns = new ArrayList<>();

    /** A column by the Param that names it. */
    private record Added(PredictFunction.Value value, Param<String> param, String name, DataType type) {}

    /**
     * @param levels how many quantiles a number has
     * @param stage whose Params name them
     */
    PredictionColumns(Model model, int levels, ModelParams<?> stage) {
        this.model = model;
        add(stage, PredictFunction.Value.PREDICTION, stage.predictionCol(), predictionType());
        if (model.task().hasClasses()) {
            add(stage, PredictFunction.Value.PROBABILITY, stage.probabilityCol(), vectorType());
            add(stage, PredictFunction.Value.RAW, stage.rawPredictionCol(), vectorType());
        }
        if (levels > 0) {
            add(stage, PredictFunction.Value.QUANTILES, stage.quantilesCol(), vectorType());
        }
        if (new Readout(model.spec().head()).hasDistribution()) {
            add(stage, PredictFunction.Value.DISTRIBUTION, stage.distributionCol(), vectorType());
        }
    }

    private void add(Params stage, PredictFunction.Value value, Param<String> param, DataType type) {
        String name = ParamFactory.get(stage, param);
        if (!name.isEmpty()) {
            columns.add(new Added(value, param, name, type));
        }
    }

    /** What they hold, in order. */
    List<PredictFunction.Value> values() {
        return columns.stream().map(Added::value).toList();
    }

    /**
     * A schema with them.
     *
     * @throws IllegalArgumentException if one is there already
     */
    StructType addTo(StructType schema) {
        StructType result = schema;
        for (Added column : columns) {
            if (ColumnName.isIn(result, column.name())) {
                throw new IllegalArgumentException(
                        ParamDocs.kebab(column.param().name()) + " is " + column.name()
                                + ", and the dataset has a column of that name already");
            }
            result = result.add(column.name(), column.type());
        }
        return result;
    }

    DataType predictionType() {
        HeadSpec head = model.spec().head();
        DataType one = model.task() == LearningTask.REGRESSION
                ? (head.targetWidth() == 1 ? DataTypes.DoubleType : SQLDataTypes.VectorType())
                : labelType();
        return head.everyStep() ? DataTypes.createArrayType(one) : one;
    }

    private DataType labelType() {
        DataType one = model.labels().areDoubles() ? DataTypes.DoubleType : DataTypes.StringType;
        return model.spec().head().loss().hasLabelSets() ? DataTypes.createArrayType(one) : one;
    }

    /** Several numbers, or of a head that reads every step an array of them. */
    private DataType vectorType() {
        DataType vector = SQLDataTypes.VectorType();
        return model.spec().head().everyStep() ? DataTypes.createArrayType(vector) : vector;
    }
}
