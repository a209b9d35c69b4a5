package dev.unroll.ml;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.unroll.data.Labels;
import dev.unroll.fit.TrainingSummary;
import dev.unroll.model.ExplanationSpec;
import dev.unroll.nn.HeadSpec;
import dev.unroll.plot.ExplanationPlot;
import dev.unroll.plot.GradientPlots;
import dev.unroll.plot.Plot;
import dev.unroll.plot.ResultPlots;
import dev.unroll.plot.TrainingPlots;
import dev.unroll.spark.source.BadRow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.apache.spark.ml.util.DefaultParamsWriter$;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * What a model is asked besides predictions; the answer is a table. Spark Connect reaches a model on the server by its {@code transform}
 * alone, so a question travels as a Param of the model, in JSON, and transform answers it. The Python package asks in this way wherever it
 * runs.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "ask")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Question.About.class, name = "about"),
    @JsonSubTypes.Type(value = Question.Loss.class, name = "loss"),
    @JsonSubTypes.Type(value = Question.Metrics.class, name = "metrics"),
    @JsonSubTypes.Type(value = Question.Text.class, name = "text"),
    @JsonSubTypes.Type(value = Question.Function.class, name = "function"),
    @JsonSubTypes.Type(value = Question.Explanations.class, name = "explanations"),
    @JsonSubTypes.Type(value = Question.Drawing.class, name = "drawing"),
    @JsonSubTypes.Type(value = Question.Picture.class, name = "picture"),
    @JsonSubTypes.Type(value = Question.Stream.class, name = "stream")
})
sealed interface Question {

    /** @param dataset the rows that the question is about; where it is about none, those of any table in the session */
    Dataset<Row> answer(RnnModel<?> model, Dataset<?> dataset);

    /** What the model is, {@code metadata} as Spark ML writes them, and how its training went where that is known: one row. */
    record About() implements Question {
        @Override
        public Dataset<Row> answer(RnnModel<?> model, Dataset<?> dataset) {
            SparkSession spark = dataset.sparkSession();
            Optional<Table> training = model.summary().map(summary -> training(summary, spark));
            Labels labels = model.model().labels();
            return new Table()
                    .add("metadata", DataTypes.StringType, DefaultParamsWriter$.MODULE$.getMetadataToSave(model, spark))
                    .add("parameterHash", DataTypes.StringType, model.model().parameterHash())
                    .add("labels", array(DataTypes.StringType), labels == null ? null : labels.values())
                    .add("labelsAreNumbers", DataTypes.BooleanType, labels != null && labels.areDoubles())
                    .add(
                            "training",
                            training.<DataType>map(Table::schema).orElse(DataTypes.StringType),
                            training.map(Table::row).orElse(null))
                    .in(spark);
        }

        private static Table training(TrainingSummary summary, SparkSession spark) {
            Dataset<Row> history = summary.history(spark);
            Dataset<Row> flow = summary.gradientFlow(spark);
            return new Table()
                    .add("totalIterations", DataTypes.LongType, summary.totalIterations())
                    .add(
                            "stopReason",
                            DataTypes.StringType,
                            summary.result().stopReason().text())
                    .add("missingTargets", DataTypes.LongType, summary.missingTargets())
                    .add("engine", DataTypes.StringType, summary.engine().key())
                    .add("kernel", DataTypes.StringType, summary.kernels().sentence())
                    .add(
                            "stillFalling",
                            DataTypes.StringType,
                            summary.stillFalling().orElse(null))
                    .addByName(
                            "validation", DataTypes.DoubleType, summary.result().validation())
                    .add("iterationMs", DataTypes.DoubleType, boxed(summary.iterationMs()))
                    .add("predictedIterationMs", DataTypes.DoubleType, boxed(summary.predictedIterationMs()))
                    .add("history", array(history.schema()), history.collectAsList())
                    .add("gradientFlow", array(flow.schema()), flow.collectAsList());
        }

        private static Double boxed(OptionalDouble number) {
            return number.isPresent() ? number.getAsDouble() : null;
        }
    }

    /** {@link RnnModel#withLoss}. */
    record Loss(String label) implements Question {
        @Override
        public Dataset<Row> answer(RnnModel<?> model, Dataset<?> dataset) {
            return model.withLoss(dataset, label);
        }
    }

    /**
     * {@link Evaluation}: one row.
     *
     * @param label null for that of the training
     * @param season null for that of the training
     * @param view under which the groups are left in the session, as a temporary view, where there are some
     */
    record Metrics(String label, String weight, Integer season, List<String> by, String view) implements Question {

        private static final StructType CLASS = new StructType()
                .add("label", DataTypes.StringType)
                .add("precision", DataTypes.DoubleType)
                .add("recall", DataTypes.DoubleType)
                .add("f1", DataTypes.DoubleType)
                .add("count", DataTypes.LongType)
                .add("areaUnderROC", DataTypes.DoubleType)
                .add("averagePrecision", DataTypes.DoubleType);

        @Override
        public Dataset<Row> answer(RnnModel<?> model, Dataset<?> dataset) {
            Evaluation evaluation = new Evaluation(model).setWeightCol(weight).setBy(by.toArray(new String[0]));
            if (label != null) {
                evaluation.setLabelCol(label);
            }
            if (season != null) {
                evaluation.setSeason(season);
            }
            EvaluationResult result = evaluation.run(dataset);
            result.groups().ifPresent(groups -> groups.createOrReplaceTempView(view));
            List<Row> classes = result.classes().stream()
                    .map(one -> RowFactory.create(
                            one.label(),
                            one.precision(),
                            one.recall(),
                            one.f1(),
                            one.count(),
                            one.areaUnderROC(),
                            one.averagePrecision()))
                    .toList();
            return new Table()
                    .addByName("metrics", DataTypes.DoubleType, result.metrics())
                    .addByName("counts", DataTypes.LongType, result.counts())
                    .add("classes", array(CLASS), classes)
                    .add(
                            "confusion",
                            array(array(DataTypes.DoubleType)),
                            result.confusion().orElse(null))
                    .in(dataset.sparkSession());
        }
    }

    /**
     * {@link RnnLanguageModelModel#generate}: a row for each token.
     *
     * @param text a prompt that the model's tokenizer cuts; null where tokens are given
     */
    record Text(String text, List<String> tokens, int length, double temperature, int topK, long seed)
            implements Question {
        @Override
        public Dataset<Row> answer(RnnModel<?> model, Dataset<?> dataset) {
            RnnLanguageModelModel language = (RnnLanguageModelModel) model;
            List<String> prompt = text == null ? tokens : language.tokens(text);
            List<Row> written = language.generate(prompt, length, temperature, topK, seed).stream()
                    .map(RowFactory::create)
                    .toList();
            return dataset.sparkSession().createDataFrame(written, new StructType().add("token", DataTypes.StringType));
        }
    }

    /** {@link RnnModel#registerFunction}: a row with the name. */
    record Function(String name) implements Question {
        @Override
        public Dataset<Row> answer(RnnModel<?> model, Dataset<?> dataset) {
            model.registerFunction(dataset.sparkSession(), name);
            return new Table().add("name", DataTypes.StringType, name).in(dataset.sparkSession());
        }
    }

    /**
     * {@link RnnModel#explain}.
     *
     * @param label a text or a number; like the others null where nothing is said
     */
    record Explanations(String method, String baseline, Integer steps, Object label, Integer output, Integer target)
            implements Question {
        @Override
        public Dataset<Row> answer(RnnModel<?> model, Dataset<?> dataset) {
            ExplanationSpec spec = ExplanationSpec.DEFAULT.withMethod(method).withBaseline(baseline);
            spec = steps == null ? spec : spec.withSteps(steps);
            spec = output == null ? spec : spec.withOutput(output);
            spec = target == null ? spec : spec.withTarget(target);
            if (label != null) {
                spec = label instanceof Number number ? spec.withLabel(number) : spec.withLabel(label.toString());
            }
            return model.explain(dataset, spec);
        }
    }

    /** {@link ExplanationPlot}, of rows that have been explained: one row with its HTML. */
    record Drawing(String column, int rows) implements Question {
        @Override
        public Dataset<Row> answer(RnnModel<?> model, Dataset<?> dataset) {
            String html = ExplanationPlot.of(dataset.toDF(), column, rows).toHtml();
            return new Table().add("html", DataTypes.StringType, html).in(dataset.sparkSession());
        }
    }

    /**
     * A plot of the training, or of predictions beside the labels of a dataset: one row with a PNG, and what it shows in words.
     *
     * @param of loss, phaseTimes, gradientFlow or confusion
     * @param layer whose gradient is shown, from 1
     * @param label column of labels; null for that of the training
     */
    record Picture(String of, int layer, String label) implements Question {
        @Override
        public Dataset<Row> answer(RnnModel<?> model, Dataset<?> dataset) {
            Plot plot =
                    switch (of) {
                        case "loss" -> TrainingPlots.loss(summary(model).updates());
                        case "phaseTimes" ->
                            TrainingPlots.phaseTimes(summary(model).updates());
                        case "gradientFlow" ->
                            GradientPlots.heatMap(
                                    "Gradient by lag, layer " + layer,
                                    summary(model).gradientFlow(),
                                    layer);
                        case "confusion" -> confusion(model, dataset);
                        default ->
                            throw new IllegalArgumentException("there is no picture of " + BadRow.shown(of)
                                    + "; allowed are loss, phaseTimes, gradientFlow and confusion");
                    };
            return new Table()
                    .add("png", DataTypes.BinaryType, plot.toPng())
                    .add("alt", DataTypes.StringType, plot.toString())
                    .in(dataset.sparkSession());
        }

        private static TrainingSummary summary(RnnModel<?> model) {
            return model.summary()
                    .orElseThrow(() -> new IllegalArgumentException("the model was loaded, and how its training went is"
                            + " not saved with it; draw it after fit"));
        }

        private Plot confusion(RnnModel<?> model, Dataset<?> dataset) {
            HeadSpec head = model.model().spec().head();
            if (!model.model().task().hasClasses() || head.loss().hasLabelSets()) {
                throw new IllegalArgumentException("the model has no single label to confuse with another: its loss is "
                        + head.loss().key());
            }
            String labels = label == null ? ParamFactory.get(model, model.labelCol()) : label;
            Dataset<Row> predicted = model.transform(dataset);
            String prediction = ParamFactory.get(model, model.predictionCol());
            if (head.everyStep()) {
                predicted = predicted.select(
                        functions.inline(functions.arrays_zip(RnnModel.column(labels), RnnModel.column(prediction))));
            }
            return ResultPlots.confusion(predicted, labels, prediction);
        }
    }

    /**
     * {@link RnnModel#transformWithState}.
     *
     * @param timeoutMillis null for none
     */
    record Stream(String timeCol, List<String> keyCols, Long timeoutMillis) implements Question {
        @Override
        public Dataset<Row> answer(RnnModel<?> model, Dataset<?> dataset) {
            Duration timeout = timeoutMillis == null ? null : Duration.ofMillis(timeoutMillis);
            return model.transformWithState(dataset.toDF(), timeCol, timeout, keyCols.toArray(new String[0]));
        }
    }

    private static DataType array(DataType element) {
        return DataTypes.createArrayType(element);
    }

    /** A table of one row, as it grows. */
    final class Table {

        private final List<Object> values = new ArrayList<>();
        private StructType schema = new StructType();

        private Table add(String column, DataType type, Object value) {
            schema = schema.add(column, type);
            values.add(value);
            return this;
        }

        /** Pairs of name and value, since a map would lose their order on the way to Python. */
        private Table addByName(String column, DataType type, Map<String, ?> values) {
            StructType pair = new StructType().add("name", DataTypes.StringType).add("value", type);
            List<Row> pairs = new ArrayList<>();
            values.forEach((name, value) -> pairs.add(RowFactory.create(name, value)));
            return add(column, array(pair), pairs);
        }

        private StructType schema() {
            return schema;
        }

        private Row row() {
            return RowFactory.create(values.toArray());
        }

        private Dataset<Row> in(SparkSession spark) {
            return spark.createDataFrame(List.of(row()), schema);
        }
    }
}
