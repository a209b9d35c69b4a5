package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.Vocabulary;
import dev.unroll.model.Predictor;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.testing.SparkTest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sequences of columns: the same model from every form of a table, however it is partitioned, trained by key, saved and used. */
@Tag("slow")
@SparkTest
class TableColumnsTest {

    private static final StructType EVENTS = new StructType()
            .add("visitor", DataTypes.IntegerType)
            .add("second", DataTypes.IntegerType)
            .add("price", DataTypes.DoubleType)
            .add("page", DataTypes.StringType)
            .add("kind", DataTypes.IntegerType)
            .add("age", DataTypes.DoubleType)
            .add("town", DataTypes.StringType)
            .add("half", DataTypes.StringType)
            .add("bought", DataTypes.StringType);

    private static SparkSession spark;

    /** Visits of 40 visitors; where there are holes, a fifth of what may have them. */
    private static List<Row> events(boolean holes) {
        Random random = new Random(77);
        List<Row> rows = new ArrayList<>();
        for (int visitor = 0; visitor < 40; visitor++) {
            boolean buys = visitor % 3 == 0;
            int length = 2 + random.nextInt(5);
            Double age = holes && random.nextInt(5) == 0 ? null : 20.0 + random.nextInt(40);
            String town = holes && random.nextInt(5) == 0 ? null : "town " + random.nextInt(3);
            for (int t = 0; t < length; t++) {
                rows.add(RowFactory.create(
                        visitor,
                        t * 10,
                        holes && random.nextInt(5) == 0 ? null : random.nextGaussian() + (buys ? 100 : 98),
                        holes && random.nextInt(5) == 0 ? null : "p" + random.nextInt(buys ? 3 : 6),
                        holes && random.nextInt(5) == 0 ? null : random.nextInt(4),
                        age,
                        town,
                        "half " + visitor % 2,
                        buys ? "yes" : "no"));
            }
        }
        Collections.shuffle(rows, random);
        return rows;
    }

    private static Dataset<Row> sequences(boolean holes) {
        return new SequenceAssembler()
                .setKeyCols("visitor", "half")
                .setTimeCol("second")
                .setNumericCols("price")
                .setCategoricalCols("page", "kind")
                .setStaticNumericCols("age")
                .setStaticCategoricalCols("town")
                .setLabelCol("bought")
                .transform(spark.createDataFrame(events(holes), EVENTS))
                .withColumnRenamed("bought", "label");
    }

    private static RnnClassifier classifier() {
        return new RnnClassifier()
                .setNumericCols("price")
                .setCategoricalCols("page:3", "kind")
                .setStaticNumericCols("age")
                .setStaticCategoricalCols("town")
                .setCell("gru")
                .setHiddenSize(6)
                .setBatchSize(8)
                .setNumShards(4)
                .setMaxIter(6)
                .setScale("standard");
    }

    private static String hash(RnnModel<?> model) {
        return model.model().parameterHash();
    }

    private static List<String> text(Dataset<Row> rows) {
        return rows.collectAsList().stream().map(Row::toString).sorted().toList();
    }

    @Test
    void model_isTheSameOfEveryFormOfTheTable(@TempDir Path directory) {
        Dataset<Row> rows = sequences(false);
        RnnClassifierModel model = classifier().fit(rows);
        NetworkSpec.Mixed input = (NetworkSpec.Mixed) model.model().spec().input();
        assertEquals(
                List.of(new NetworkSpec.Category("page", 7, 3), new NetworkSpec.Category("kind", 5, 3)),
                input.categories());
        assertEquals(List.of(new NetworkSpec.Category("town", 4, 2)), input.statics());
        assertEquals(1, input.numbers());
        for (int partitions : new int[] {1, 3, 8}) {
            assertEquals(
                    hash(model), hash(classifier().setPartitions(partitions).fit(rows.repartition(partitions))));
        }
        assertEquals(hash(model), hash(classifier().setEngine("local").fit(rows)));
        for (String format : List.of("json", "parquet")) {
            String path = directory.resolve(format).toString();
            rows.write().format(format).save(path);
            assertEquals(
                    hash(model),
                    hash(classifier().fit(spark.read().format(format).load(path))),
                    format);
        }
        Dataset<Row> structs = rows.select(
                functions.col("label"),
                functions.col("town"),
                functions.col("age"),
                functions
                        .arrays_zip(functions.col("kind"), functions.col("price"), functions.col("page"))
                        .as("features"));
        RnnClassifierModel ofStructs = classifier().fit(structs);
        assertEquals(hash(model), hash(ofStructs));
        assertEquals(
                text(model.transform(rows).select("label", "probability")),
                text(ofStructs.transform(structs).select("label", "probability")));
    }

    @Test
    void vocabularies_areThoseOfEachColumn() {
        Dataset<Row> rows = sequences(false);
        RnnClassifierModel model = classifier().setVocabularySize(3).fit(rows);
        List<Row> events = events(false);
        Map<String, Long> pages = new LinkedHashMap<>();
        Map<String, Long> kinds = new LinkedHashMap<>();
        events.forEach(event -> {
            pages.merge(event.getString(3), 1L, Long::sum);
            kinds.merge("" + event.getInt(4), 1L, Long::sum);
        });
        List<Vocabulary> expected = List.of(Vocabulary.of(pages, 3, 1), Vocabulary.of(kinds, 3, 1));
        assertEquals(
                expected,
                model.model().encoding().columns().categories().stream()
                        .map(category -> category.vocabulary())
                        .toList());
    }

    @ParameterizedTest
    @CsvSource({"false, standard", "true, standard", "true, window"})
    void savedLoadedAndLocalModels_predictTheSame(boolean holes, String scale, @TempDir Path directory)
            throws Exception {
        Dataset<Row> rows = sequences(holes);
        RnnClassifier classifier = classifier().setScale(scale).setMissing(holes ? "mask" : "error");
        RnnClassifierModel model = classifier.fit(rows);
        List<String> expected = text(model.transform(rows));
        String path = directory.resolve("model").toString();
        model.write().save(path);
        RnnClassifierModel loaded = RnnClassifierModel.load(path);
        assertEquals(expected, text(loaded.transform(rows)));
        assertEquals(loaded.model().toFiles().spec(), model.model().toFiles().spec());
        Predictor local = loaded.local();
        for (Row row : model.transform(rows).collectAsList()) {
            Map<String, Object> columns = new LinkedHashMap<>();
            for (String column : List.of("price", "page", "kind")) {
                columns.put(column, row.getList(row.fieldIndex(column)));
            }
            columns.put("age", row.getAs("age"));
            columns.put("town", row.getAs("town"));
            float[] values = local.predict(columns).values();
            assertEquals(
                    row.getAs("probability").toString(), "[" + (double) values[0] + "," + (double) values[1] + "]");
        }
    }

    @Test
    void modelsByKey_areThoseOfTheirRowsAlone() {
        Dataset<Row> rows = sequences(true);
        RnnClassifier classifier = classifier().setMissing("mask");
        KeyedModels models = classifier.fitByKey(rows, "half");
        for (int half = 0; half < 2; half++) {
            Dataset<Row> own = rows.where("half = 'half " + half + "'");
            RnnClassifierModel alone = classifier.fit(own);
            assertEquals(hash(alone), hash(models.model("half " + half)));
            assertEquals(
                    text(alone.transform(own).select("visitor", "probability")),
                    text(models.transform(rows)
                            .where("half = 'half " + half + "'")
                            .select("visitor", "probability")));
        }
    }

    @Test
    void aStoppedTraining_endsAsOneThatWasNot(@TempDir Path directory) {
        Dataset<Row> rows = sequences(true);
        String checkpoints = directory.resolve("checkpoints").toString();
        RnnClassifier saving = classifier()
                .setMissing("mask")
                .setCheckpointDir(checkpoints)
                .setCheckpointInterval(2)
                .setMaxIter(4);
        saving.fit(rows);
        String whole = hash(classifier().setMissing("mask").fit(rows));
        RnnClassifier resumed = saving.setMaxIter(6).setResume(true);
        for (RnnClassifier other : List.of(
                resumed.copy(ParamMap.empty()).setCategoricalCols("page:4", "kind"),
                resumed.copy(ParamMap.empty()).setVocabularySize(3),
                resumed.copy(ParamMap.empty()).setStaticNumericCols())) {
            IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> other.fit(rows));
            assertTrue(refused.getMessage().startsWith("cannot resume"), refused.getMessage());
        }
        assertEquals(whole, hash(resumed.fit(rows)));
    }

    /** A masked number is the mean and an indicator: the same network reads both as plain numbers that were made by hand. */
    @Test
    void missingMask_isTheMeanAndAnIndicator() {
        double[][] steps = {{1, Double.NaN}, {Double.NaN, 7}, {3, 9}, {Double.NaN, Double.NaN}};
        double[][] byHand = new double[steps.length][4];
        double[] means = {2, 8};
        for (int t = 0; t < steps.length; t++) {
            for (int j = 0; j < 2; j++) {
                boolean missing = Double.isNaN(steps[t][j]);
                byHand[t][j] = missing ? 0 : steps[t][j] - means[j]; // both deviations are 1
                byHand[t][2 + j] = missing ? 1 : 0;
            }
        }
        RnnRegressor regressor = new RnnRegressor()
                .setCell("lstm")
                .setHiddenSize(5)
                .setNumShards(1)
                .setMaxIter(5);
        RnnRegressorModel masked = regressor
                .copy(ParamMap.empty())
                .setMissing("mask")
                .setStandardize(true)
                .fit(table(steps, 0));
        RnnRegressorModel plain = regressor.fit(table(byHand, 0));
        assertArrayEquals(plain.model().theta(), masked.model().theta());
        assertEquals(
                plain.local().predict(byHand).numbers()[0],
                masked.local().predict(steps).numbers()[0]);
        assertEquals(4, masked.summary().get().missingNumbers());
    }

    private static Dataset<Row> table(double[][] steps, double label) {
        List<List<Double>> features = Arrays.stream(steps)
                .map(step -> Arrays.stream(step).boxed().toList())
                .toList();
        StructType schema = new StructType()
                .add("features", DataTypes.createArrayType(DataTypes.createArrayType(DataTypes.DoubleType)))
                .add("label", DataTypes.DoubleType);
        return spark.createDataFrame(List.of(RowFactory.create(features, label)), schema);
    }

    @Test
    void steps_comeOneByOneWithTheirStatics() {
        Dataset<Row> rows = sequences(true);
        RnnClassifierModel model = classifier().setMissing("mask").fit(rows);
        Predictor local = model.local();
        Row row = rows.first();
        Predictor.Stepper stepper = local.stepper();
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("age", row.getAs("age"));
        all.put("town", row.getAs("town"));
        int length = row.getList(row.fieldIndex("price")).size();
        for (int t = 0; t < length; t++) {
            Map<String, Object> step = new LinkedHashMap<>(all);
            for (String column : List.of("price", "page", "kind")) {
                step.put(column, row.getList(row.fieldIndex(column)).get(t));
            }
            float[] values = stepper.step(step).values();
            Map<String, Object> begun = new LinkedHashMap<>(all);
            for (String column : List.of("price", "page", "kind")) {
                begun.put(column, row.getList(row.fieldIndex(column)).subList(0, t + 1));
            }
            assertArrayEquals(local.predict(begun).values(), values);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "embedding | embedding-size is the width of the embedding of tokens, and steps are made of columns, numeric-cols",
                "tokenizer | tokenizer goes with text in features-col, and steps are made of columns, numeric-cols",
                "features | features-col is label, which is no array of structs, and steps are made of other columns",
                "unscaled | missing mask puts the mean, 0 after scaling, in place of a missing number: it goes with scale",
                "window | scale window goes with numbers, and the steps are categories alone",
                "twice | column page is in categorical-cols and static-categorical-cols; allowed is once",
                "gone | numeric-cols has gone, and there is no such column; there are visitor, half, start",
            })
    void keysThatDoNotGoTogether_areRefused(String which, String why) {
        RnnClassifier classifier = classifier();
        switch (which) {
            case "embedding" -> classifier.setEmbeddingSize(8);
            case "tokenizer" -> classifier.setTokenizer("none");
            case "features" -> classifier.setFeaturesCol("label");
            case "unscaled" -> classifier.setScale("none").setMissing("mask");
            case "window" -> classifier.setScale("window").setNumericCols();
            case "twice" -> classifier.setStaticCategoricalCols("town", "page");
            default -> classifier.setNumericCols("gone");
        }
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> classifier.fit(sequences(false)));
        assertTrue(refused.getMessage().startsWith(why), refused.getMessage());
    }

    @Test
    void tokens_haveNoMask_andAFunctionOfSqlHasOneArgument() {
        StructType schema =
                new StructType().add("features", DataTypes.StringType).add("label", DataTypes.StringType);
        Dataset<Row> texts = spark.createDataFrame(List.of(RowFactory.create("abc", "x")), schema);
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class,
                () -> new RnnClassifier().setMissing("mask").fit(texts));
        assertEquals(
                "missing mask goes with numbers, and the steps of features-col features are tokens",
                refused.getMessage());
        refused = assertThrows(
                IllegalArgumentException.class,
                () -> new RnnLanguageModel().setCategoricalCols("features").fit(texts));
        assertTrue(
                refused.getMessage().startsWith("task language-model goes with one column of tokens"),
                refused.getMessage());
        RnnClassifierModel model = classifier().setMaxIter(1).fit(sequences(false));
        refused = assertThrows(IllegalArgumentException.class, () -> model.registerFunction(spark, "f"));
        assertEquals(
                "a function of SQL has one argument, and the model reads columns price, page, kind, age, town;"
                        + " transform reads them all",
                refused.getMessage());
        refused = assertThrows(
                IllegalArgumentException.class,
                () -> model.transform(sequences(false).drop("town")).collectAsList());
        assertTrue(
                refused.getMessage()
                        .startsWith("the model reads columns price, page, kind, age, town, and there is no town;"),
                refused.getMessage());
    }
}
