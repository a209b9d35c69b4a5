package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.InputException;
import dev.unroll.param.ParameterHash;
import dev.unroll.testing.SparkTest;
import dev.unroll.testing.TestSpark;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
@SparkTest
class RnnClassifierTest {

    private static SparkSession spark;

    @TempDir
    Path directory;

    private static List<Row> names() {
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < 61; i++) {
            rows.add(
                    i % 2 == 0
                            ? RowFactory.create("an" + "na".repeat(1 + i % 7), "F")
                            : RowFactory.create("r" + "bo".repeat(i % 5), "M"));
        }
        return rows;
    }

    private static Dataset<Row> dataset(List<Row> rows, DataType features, DataType label) {
        return spark.createDataFrame(
                rows, new StructType().add("name", features).add("sex", label));
    }

    private static Dataset<Row> dataset() {
        return dataset(names(), DataTypes.StringType, DataTypes.StringType);
    }

    private static RnnClassifier classifier() {
        return new RnnClassifier()
                .setFeaturesCol("name")
                .setLabelCol("sex")
                .setHiddenSize(8)
                .setEmbeddingSize(4)
                .setBatchSize(10)
                .setNumShards(5)
                .setEngine("spark")
                .setStepSize(0.02)
                .setMaxIter(60);
    }

    private static String hash(RnnClassifierModel model) {
        return ParameterHash.of(model.model().theta());
    }

    @Test
    void fit_learnsAndPredictsInTheLabelsType() {
        RnnClassifierModel model = classifier().fit(dataset());
        Dataset<Row> predicted = model.transform(dataset());
        assertEquals(61, predicted.where("prediction = sex").count());
        Row first = predicted.first();
        assertEquals(
                1.0,
                ((Vector) first.getAs("probability")).toArray()[0] + ((Vector) first.getAs("probability")).toArray()[1],
                1e-6);
        assertEquals(60, model.summary().orElseThrow().result().iterations());
    }

    @Test
    void partitionsEngineAndOrderOfRows_doNotChangeOneBit() {
        List<Row> shuffled = names();
        Collections.shuffle(shuffled, new Random(3));
        String expected = hash(classifier().fit(dataset()));
        for (int partitions : new int[] {1, 2, 3, 7}) {
            assertEquals(
                    expected, hash(classifier().setPartitions(partitions).fit(dataset())), partitions + " partitions");
        }
        assertEquals(expected, hash(classifier().setEngine("local").fit(dataset())), "local engine");
        assertEquals(
                expected,
                hash(classifier()
                        .fit(dataset(shuffled, DataTypes.StringType, DataTypes.StringType)
                                .repartition(5))),
                "shuffled rows");
        assertTrue(!expected.equals(hash(classifier().setSeed(2).fit(dataset()))), "another seed is another model");
    }

    /** Everything that travels must survive a serializer that cannot write records, and bad rows are records. */
    @Test
    void kryoSession_trainsSkipsAndCollects() {
        String expected = hash(classifier().fit(dataset()));
        spark = TestSpark.session(Map.of("spark.serializer", "org.apache.spark.serializer.KryoSerializer"));
        List<Row> withBad = names();
        withBad.add(RowFactory.create(null, "F"));
        Dataset<Row> data = dataset(withBad, DataTypes.StringType, DataTypes.StringType);
        RnnClassifierModel model = classifier().setHandleInvalid("skip").fit(data);
        assertEquals(expected, hash(model));
        assertEquals(Map.of("name: null", 1L), model.summary().orElseThrow().skipped());
        assertEquals(expected, hash(classifier().setEngine("local").fit(dataset())));
        assertEquals(61, model.transform(dataset()).where("prediction = sex").count());
        assertThrows(InputException.class, () -> classifier().fit(data));
    }

    @Test
    void everyColumnType_trains() {
        List<Row> names = names();
        List<List<?>> columns = List.of(
                names.stream().map(r -> List.of(r.getString(0).split(""))).toList(),
                names.stream().map(r -> r.getString(0).chars().boxed().toList()).toList(),
                names.stream()
                        .map(r ->
                                r.getString(0).chars().mapToObj(c -> c / 100.0).toList())
                        .toList(),
                names.stream()
                        .map(r -> r.getString(0)
                                .chars()
                                .mapToObj(c -> List.of(c / 100f, 1f))
                                .toList())
                        .toList(),
                names.stream()
                        .map(r -> r.getString(0)
                                .chars()
                                .mapToObj(c -> org.apache.spark.ml.linalg.Vectors.dense(c / 100.0, 1))
                                .toList())
                        .toList());
        DataType floats = DataTypes.createArrayType(DataTypes.FloatType);
        List<DataType> types = List.of(
                DataTypes.createArrayType(DataTypes.StringType),
                DataTypes.createArrayType(DataTypes.IntegerType),
                DataTypes.createArrayType(DataTypes.DoubleType),
                DataTypes.createArrayType(floats),
                DataTypes.createArrayType(org.apache.spark.ml.linalg.SQLDataTypes.VectorType()));
        List<String> hashes = new ArrayList<>();
        for (int k = 0; k < types.size(); k++) {
            List<Row> rows = new ArrayList<>();
            for (int i = 0; i < names.size(); i++) {
                rows.add(RowFactory.create(columns.get(k).get(i), (double) (i % 2)));
            }
            Dataset<Row> data = dataset(rows, types.get(k), DataTypes.DoubleType);
            RnnClassifierModel model = classifier().setMaxIter(5).fit(data);
            assertEquals(
                    DataTypes.DoubleType,
                    model.transform(data).schema().apply("prediction").dataType());
            hashes.add(hash(model));
        }
        // Rows of floats and vectors of the same numbers are the same steps.
        assertEquals(hashes.get(3), hashes.get(4));
    }

    @Test
    void savedModel_loadsWithTheSamePredictions() throws Exception {
        RnnClassifierModel model = classifier().setPredictionCol("guess").fit(dataset());
        String path = directory.resolve("model").toString();
        model.write().save(path);
        RnnClassifierModel loaded = RnnClassifierModel.load(path);
        assertEquals(hash(model), hash(loaded));
        assertArrayEquals(
                model.transform(dataset())
                        .select("guess", "probability")
                        .collectAsList()
                        .toArray(),
                loaded.transform(dataset())
                        .select("guess", "probability")
                        .collectAsList()
                        .toArray());

        String estimator = directory.resolve("estimator").toString();
        classifier().setCell("gru").write().save(estimator);
        RnnClassifier again = RnnClassifier.load(estimator);
        assertEquals("gru", again.getOrDefault(again.cell()));
        assertEquals(hash(classifier().setCell("gru").fit(dataset())), hash(again.fit(dataset())));
    }

    @Test
    void smallAndOddBatches_train() {
        for (int batch : new int[] {1, 3, 7, 0, 1000}) {
            classifier().setBatchSize(batch).setMaxIter(10).fit(dataset());
        }
        classifier().setNumShards(64).setMaxIter(3).fit(dataset());
        List<Row> one = List.of(RowFactory.create("x", "F"));
        RnnClassifierModel single =
                classifier().setMaxIter(3).fit(dataset(one, DataTypes.StringType, DataTypes.StringType));
        assertEquals(
                "F",
                single.transform(dataset(one, DataTypes.StringType, DataTypes.StringType))
                        .first()
                        .getAs("prediction"));
    }

    @Test
    void wrongValueOfAParam_namesKeyValueAndWhatIsAllowed() {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> new RnnClassifier().setHiddenSize(0));
        assertEquals("hidden-size is 0; allowed is a whole number, at least 1", e.getMessage());
    }

    @Test
    void explainParams_listsEveryKey() {
        String explained = new RnnClassifier().explainParams();
        ParamDocs.of(new RnnClassifier())
                .values()
                .forEach(key -> assertTrue(explained.contains(key.param().name() + ":"), key.name()));
    }
}
