package dev.unroll.fit;

import dev.unroll.model.Model;
import dev.unroll.spark.rows.RowStatistics;
import dev.unroll.train.Trainer;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.CollectionConverters;

/** The columns that the training of one key gives: either {@code error} is null, or everything from {@code iterations} to {@code tensors} is. */
public final class KeyedResult {

    /** The column that tables of before do not have. */
    public static final String MISSING_TARGETS = "missingTargets";

    public static final StructType SCHEMA = new StructType()
            .add("sequences", DataTypes.LongType, false)
            .add("steps", DataTypes.LongType, false)
            .add("skipped", DataTypes.createMapType(DataTypes.StringType, DataTypes.LongType, false), false)
            .add(MISSING_TARGETS, DataTypes.LongType, false)
            .add("iterations", DataTypes.LongType)
            .add("loss", DataTypes.DoubleType)
            .add("validation", DataTypes.createMapType(DataTypes.StringType, DataTypes.DoubleType, false))
            .add("stopReason", DataTypes.StringType)
            .add("parameterHash", DataTypes.StringType)
            .add("spec", DataTypes.StringType)
            .add("tensors", DataTypes.BinaryType)
            .add("error", DataTypes.StringType);

    private KeyedResult() {}

    /** The columns of a key that was trained. */
    static Object[] of(Trained trained) {
        TrainingSummary summary = trained.summary();
        Trainer.Result result = summary.result();
        Model.Files files = trained.model().toFiles();
        return new Object[] {
            summary.sequences(),
            summary.steps(),
            CollectionConverters.asScala(summary.skipped()),
            summary.missingTargets(),
            result.iterations(),
            result.loss(),
            CollectionConverters.asScala(result.validation()),
            result.stopReason().text(),
            trained.model().parameterHash(),
            files.spec(),
            files.tensors(),
            null
        };
    }

    /** The columns of a key that could not be trained. */
    static Object[] failed(RowStatistics facts, String error) {
        return new Object[] {
            facts.trainingSequences(),
            facts.trainingSteps(),
            CollectionConverters.asScala(facts.skipped()),
            facts.missingTargets(),
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            error
        };
    }
}
