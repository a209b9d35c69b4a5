package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.InputException;
import dev.unroll.model.Explainer;
import dev.unroll.model.ExplanationSpec;
import dev.unroll.plot.ExplanationPlot;
import dev.unroll.testing.SparkTest;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** {@link RnnModel#explain}: what a column of explanations says of trained models. */
@Tag("slow")
@SparkTest(settings = "spark.sql.shuffle.partitions=1")
class ExplainTest {

    private static SparkSession session;
    private static Dataset<Row> names;
    private static RnnClassifierModel classifier;

    /** Names of one sex end with an a. */
    @BeforeAll
    static void train(SparkSession spark) {
        session = spark;
        List<Row> rows = new ArrayList<>();
        for (String name : List.of("anna", "maria", "carla", "rosa", "paula", "laura")) {
            rows.add(RowFactory.create(name, "F"));
        }
        for (String name : List.of("otto", "paulo", "carlo", "marco", "bruno", "pedro")) {
            rows.add(RowFactory.create(name, "M"));
        }
        names = spark.createDataFrame(
                rows, new StructType().add("name", DataTypes.StringType).add("sex", DataTypes.StringType));
        classifier = new RnnClassifier()
                .setFeaturesCol("name")
                .setLabelCol("sex")
                .setRawPredictionCol("raw")
                .setHiddenSize(16)
                .setStepSize(0.02)
                .setMaxIter(60)
                .fit(names);
    }

    private static Row explanation(Dataset<Row> explained) {
        return explained.select("explanation").first().getStruct(0);
    }

    private static void assertComplete(Row explanation) {
        double difference = explanation.<Double>getAs("score") - explanation.<Double>getAs("baselineScore");
        double remainder = explanation.getAs("remainder");
        assertTrue(Math.abs(remainder) <= Explainer.COMPLETE * Math.abs(difference), () -> remainder + " is left");
        double sum = 0;
        for (Object step : explanation.getList(explanation.fieldIndex("steps"))) {
            sum += (Double) step;
        }
        assertEquals(difference - remainder, sum, 1e-9 + Explainer.COMPLETE * Math.abs(difference));
    }

    @Test
    void classifier_theLastLetterSpeaksForTheLabel() {
        for (Row row : classifier.explain(classifier.transform(names)).collectAsList()) {
            Row explanation = row.getAs("explanation");
            assertComplete(explanation);
            assertEquals(row.<String>getAs("prediction"), explanation.getAs("label"));
            String name = row.getAs("name");
            List<String> tokens = explanation.getList(explanation.fieldIndex("tokens"));
            assertEquals(name, String.join("", tokens));
            List<Double> steps = explanation.getList(explanation.fieldIndex("steps"));
            double most = steps.stream().max(Double::compare).orElseThrow();
            assertEquals(most, steps.get(steps.size() - 1), name + ": " + steps);
            assertEquals(tokens.size(), steps.size());
        }
    }

    @Test
    void label_isNamed_andItsScoreIsTheRawPrediction() {
        Dataset<Row> first = classifier.transform(names).limit(1);
        Row male = explanation(classifier.explain(first, ExplanationSpec.DEFAULT.withLabel("M")));
        Row female = explanation(classifier.explain(first, ExplanationSpec.DEFAULT.withLabel("F")));
        assertEquals("M", male.getAs("label"));
        assertEquals("F", female.getAs("label"));
        Vector raw = first.first().getAs("raw");
        // Two classes have a margin as raw prediction, half of what the scores differ by.
        double margin = male.<Double>getAs("score") - female.<Double>getAs("score");
        assertEquals(raw.apply(1), margin / 2, 1e-5);
    }

    @Test
    void regressor_namesItsColumns() {
        List<Row> rows = new ArrayList<>();
        for (int n = 0; n < 40; n++) {
            rows.add(RowFactory.create(
                    new Double[] {n % 5 + 0.0, null, 1.0},
                    new String[] {"a", n % 2 == 0 ? "b" : "c", "a"},
                    n % 3 == 0 ? "x" : "y",
                    100.0 + n % 5 + 3 * (n % 2)));
        }
        StructType schema = new StructType()
                .add("amount", DataTypes.createArrayType(DataTypes.DoubleType))
                .add("kind", DataTypes.createArrayType(DataTypes.StringType))
                .add("shop", DataTypes.StringType)
                .add("y", DataTypes.DoubleType);
        Dataset<Row> table = session.createDataFrame(rows, schema);
        RnnRegressorModel model = new RnnRegressor()
                .setNumericCols("amount")
                .setCategoricalCols("kind")
                .setStaticCategoricalCols("shop")
                .setMissing("mask")
                .setLabelCol("y")
                .setStandardize(true)
                .setHiddenSize(8)
                .setStepSize(0.02)
                .setMaxIter(100)
                .fit(table);
        Dataset<Row> explained = model.explain(model.transform(table));
        Row first = explained.first();
        Row explanation = first.getAs("explanation");
        assertEquals(first.<Double>getAs("prediction"), explanation.<Double>getAs("score"), 1e-3);
        assertNull(explanation.getAs("label"));
        Row columns = explanation.getAs("columns");
        assertEquals(List.of("amount", "kind", "shop"), List.of(columns.schema().fieldNames()));
        assertEquals(3, columns.getList(0).size());
        double sum = columns.getDouble(2) + explanation.<Double>getAs("remainder");
        for (int k = 0; k < 2; k++) {
            for (Object step : columns.getList(k)) {
                sum += (Double) step;
            }
        }
        assertEquals(explanation.<Double>getAs("score") - explanation.<Double>getAs("baselineScore"), sum, 1e-9);
        assertTrue(explained.select("explanation.columns.amount").distinct().count() > 1, "rows differ");
        String html = ExplanationPlot.of(explained, "explanation", 2).toHtml();
        assertTrue(html.contains("<svg") && html.contains("amount") && html.contains("all of the step"), html);
    }

    @Test
    void numbersWithoutNames_areAnArrayForEachStep() {
        List<Row> rows = new ArrayList<>();
        for (int n = 0; n < 30; n++) {
            rows.add(RowFactory.create(new Double[][] {{n / 30.0, 0.0}, {1.0, n % 4 + 0.0}}, n / 30.0));
        }
        StructType schema = new StructType()
                .add("x", DataTypes.createArrayType(DataTypes.createArrayType(DataTypes.DoubleType)))
                .add("y", DataTypes.DoubleType);
        Dataset<Row> series = session.createDataFrame(rows, schema);
        RnnRegressorModel model = new RnnRegressor()
                .setFeaturesCol("x")
                .setLabelCol("y")
                .setHiddenSize(4)
                .setMaxIter(5)
                .fit(series);
        Dataset<Row> explained = model.explain(series);
        Row explanation = explanation(explained);
        assertComplete(explanation);
        assertEquals(2, explanation.getList(explanation.fieldIndex("columns")).size());
        assertTrue(ExplanationPlot.of(explained, "explanation", 1).toHtml().contains("step 2"));
    }

    @Test
    void languageModel_explainsTheNextToken_fromTheEndMarkOn() {
        RnnLanguageModelModel model = new RnnLanguageModel()
                .setFeaturesCol("name")
                .setHiddenSize(16)
                .setMaxIter(40)
                .fit(names);
        Row explanation = explanation(model.explain(names, ExplanationSpec.DEFAULT.withOutput(-1)));
        assertComplete(explanation);
        List<String> tokens = explanation.getList(explanation.fieldIndex("tokens"));
        assertEquals(List.of("", "a", "n", "n", "a"), tokens);
    }

    @Test
    void plot_showsTheTextAndEscapesIt() {
        Dataset<Row> odd = session.sql("select 'a<b>' as name");
        Dataset<Row> explained = classifier.explain(odd, ExplanationSpec.DEFAULT.withLabel("F"));
        String html = ExplanationPlot.of(explained, RnnModel.EXPLANATION, 5).toHtml();
        assertTrue(html.contains("&lt;") && !html.contains("<b>"), html);
        assertThrows(IllegalArgumentException.class, () -> ExplanationPlot.of(odd, "name", 5));
        assertThrows(IllegalArgumentException.class, () -> ExplanationPlot.of(explained.limit(0), "explanation", 5));
    }

    @Test
    void tooManySteps_areAFaultOfTheirColumn() {
        int most = new Explainer(classifier.model(), ExplanationSpec.DEFAULT).mostSteps();
        Dataset<Row> large = session.sql("select repeat('a', " + (most + 1) + ") as name");
        Exception failure =
                assertThrows(Exception.class, () -> classifier.explain(large).collectAsList());
        String message = failure.getMessage() + failure.getCause();
        assertTrue(
                message.contains(
                        "column name: more steps than the " + most + " that can be explained, value " + (most + 1)),
                message);
        Dataset<Row> skipped =
                classifier.copy(new ParamMap()).setHandleInvalid("skip").explain(large);
        assertEquals(0, skipped.count());
    }

    @Test
    void whatCannotBeExplained_isRefused() {
        Dataset<Row> empty = session.sql("select '' as name");
        Exception failure =
                assertThrows(Exception.class, () -> classifier.explain(empty).collectAsList());
        assertTrue(
                String.valueOf(failure.getMessage() + failure.getCause()).contains("column name"), failure::toString);
        Dataset<Row> skipped =
                classifier.copy(new ParamMap()).setHandleInvalid("skip").explain(empty);
        assertEquals(0, skipped.count());
        assertThrows(
                IllegalArgumentException.class,
                () -> classifier.explain(names, ExplanationSpec.DEFAULT.withLabel("X")));
        assertThrows(IllegalArgumentException.class, () -> classifier.explain(classifier.explain(names)));
        assertThrows(InputException.class, () -> classifier.explain(names.drop("name")));
    }
}
