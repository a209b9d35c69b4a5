package dev.unroll.ml;

import dev.unroll.model.Model;
import dev.unroll.spark.rows.RowParser;
import dev.unroll.spark.rows.RowSpec;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.StructType;
import scala.collection.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** The function of SQL behind {@link RnnModel#registerFunction}: SQL does not say what type its argument has, so the value does. */
final class SqlFunction implements UDF1<Object, Object> {

    private static final long serialVersionUID = 1L;

    private final Model model;
    private final RowSpec spec;
    private final Thresholds thresholds;
    private final boolean skip;
    private transient Map<DataType, PredictFunction> functions;

    SqlFunction(Model model, RowSpec spec, Thresholds thresholds, boolean skip) {
        this.model = model;
        this.spec = spec;
        this.thresholds = thresholds.requireGoWith(model);
        this.skip = skip;
    }

    @Override
    public Object call(Object features) {
        if (functions == null) {
            functions = new HashMap<>();
        }
        Row result = functions.computeIfAbsent(type(features), this::function).call(RowFactory.create(features));
        return result == null ? null : result.get(0);
    }

    private PredictFunction function(DataType type) {
        StructType schema = new StructType().add(spec.featuresCol(), type);
        RowParser parser =
                new RowParser(schema, spec, null).forInput(model.spec().input());
        return new PredictFunction(
                model, List.of(), thresholds, parser, skip, List.of(PredictFunction.Value.PREDICTION));
    }

    static DataType type(Object value) {
        if (value instanceof Seq<?> steps) {
            Object example = null;
            for (Object step : CollectionConverters.asJava(steps)) {
                if (example == null || !saysType(example)) {
                    example = step == null ? example : step;
                }
            }
            return DataTypes.createArrayType(type(example));
        }
        if (value instanceof Vector) {
            return SQLDataTypes.VectorType();
        }
        if (value instanceof Float || value instanceof Double) {
            return DataTypes.DoubleType;
        }
        if (value instanceof BigDecimal decimal) {
            return DataTypes.createDecimalType(DecimalType.MAX_PRECISION(), Math.max(0, decimal.scale()));
        }
        return value instanceof Number ? DataTypes.LongType : DataTypes.StringType;
    }

    /** Whether a value shows what type it has, as an array without elements does not. */
    private static boolean saysType(Object value) {
        return value instanceof Seq<?> steps
                ? CollectionConverters.asJava(steps).stream().anyMatch(SqlFunction::saysType)
                : value != null;
    }
}
