package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.InputException;
import dev.unroll.testing.SparkTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a server of Spark Connect does with stages, done here without one: it keeps models on its own disk although the default file system is
 * another, and asks them questions by a Param. src/test/python/test_connect.py has real servers.
 */
@SparkTest(
        settings = {
            "spark.sql.shuffle.partitions=2",
            "spark.hadoop.fs.defaultFS=viewfs://other/",
            "spark.hadoop.fs.viewfs.mounttable.other.link./nothing=file:///nothing"
        })
class ConnectServerTest {

    private static SparkSession spark;

    @TempDir
    Path directory;

    private static Dataset<Row> names() {
        return spark.createDataFrame(
                List.of(
                        RowFactory.create("anna", "F"), RowFactory.create("otto", "M"),
                        RowFactory.create("maria", "F"), RowFactory.create("paulo", "M")),
                new StructType().add("name", DataTypes.StringType).add("sex", DataTypes.StringType));
    }

    private static RnnClassifier classifier() {
        return new RnnClassifier()
                .setFeaturesCol("name")
                .setLabelCol("sex")
                .setHiddenSize(4)
                .setMaxIter(3);
    }

    /** A path on no other file system than the server's: neither its file system nor a relative one. */
    @Test
    void model_keptOnTheServersDisk_comesBack() throws Exception {
        RnnClassifierModel model = classifier().fit(names());
        Path kept = directory.resolve("session 1").resolve("a%20model");
        model.write().saveToLocal(kept.toString());
        assertTrue(Files.isRegularFile(kept.resolve("data/spec.json")), "on the local disk");
        Files.writeString(kept.resolve("__model_class_name__"), model.getClass().getName()); // the server's own
        RnnClassifierModel again = RnnClassifierModel.read().loadFromLocal(kept.toString());
        assertEquals(model.model().parameterHash(), again.model().parameterHash());
        assertEquals(model.uid(), again.uid());
    }

    @Test
    void keyedPredictions_keptOnTheServersDisk_comeBack() throws Exception {
        KeyedPredictions stage = new KeyedPredictions();
        stage.set(stage.models(), "view");
        stage.write().saveToLocal(directory.resolve("stage").toString());
        KeyedPredictions again =
                KeyedPredictions.read().loadFromLocal(directory.resolve("stage").toString());
        assertEquals("view", again.getOrDefault(again.models()));
    }

    /** The server adds it up over all models, and refuses more than it may keep. */
    @Test
    void estimatedSize_isOfTheModelAlone() {
        RnnClassifierModel model = classifier().fit(names());
        long parameters = 4L * model.model().theta().length;
        assertTrue(model.estimatedSize() > parameters, "the parameters alone take " + parameters);
        long large = classifier().setHiddenSize(400).fit(names()).estimatedSize() - model.estimatedSize();
        assertTrue(large > 4L * 4 * 400 * 400 && large < 4L * 4 * 400 * 500, "400 units more take " + large);
    }

    @Test
    void question_isAnsweredByTransform() {
        RnnClassifierModel model = classifier().fit(names());
        Row about = ask(model, "{\"ask\": \"about\"}").first();
        assertEquals(model.model().parameterHash(), about.getAs("parameterHash"));
        assertEquals(List.of("F", "M"), about.getList(about.fieldIndex("labels")));
        Row training = about.getAs("training");
        assertEquals(3L, training.<Long>getAs("totalIterations"));
        assertEquals(
                model.summary().orElseThrow().history(spark).collectAsList(),
                training.getList(training.fieldIndex("history")));
        assertEquals(
                model.withLoss(names(), "sex").collectAsList(),
                ask(model, "{\"ask\": \"loss\", \"label\": \"sex\"}").collectAsList());
        InputException unknown = assertThrows(InputException.class, () -> ask(model, "{\"ask\": \"weather\"}"));
        assertTrue(unknown.getMessage().startsWith("the Param question is none that this version knows: "));
    }

    /** A stranger's file must not act in the session. */
    @Test
    void questionOfAFile_isRefused() throws Exception {
        RnnClassifierModel model = classifier().fit(names());
        Path saved = directory.resolve("model");
        model.write().save("file:" + saved);
        Path metadata = saved.resolve("metadata/part-00000");
        String question = "\"question\":\"{\\\"ask\\\":\\\"function\\\",\\\"name\\\":\\\"sha2\\\"}\"";
        Files.writeString(
                metadata, Files.readString(metadata).replace("\"paramMap\":{", "\"paramMap\":{" + question + ","));
        Files.deleteIfExists(saved.resolve("metadata/.part-00000.crc"));
        InputException refused = assertThrows(InputException.class, () -> RnnClassifierModel.load("file:" + saved));
        assertTrue(refused.getMessage().contains(" has a Param question, which is of a session"), refused.getMessage());
        RnnClassifierModel asked = model.copy(new ParamMap());
        asked.set(asked.question(), "{\"ask\": \"about\"}");
        assertThrows(Exception.class, () -> asked.write().save("file:" + directory.resolve("asked")));
    }

    private static Dataset<Row> ask(RnnClassifierModel model, String question) {
        RnnClassifierModel asked = model.copy(new ParamMap());
        asked.set(asked.question(), question);
        return asked.transform(names());
    }

    @Test
    void keyedTraining_givesWhatFitByKeyGives() {
        KeyedTraining training = new KeyedTraining();
        training.set(
                training.estimator(),
                "{\"class\": \"dev.unroll.ml.RnnClassifier\", \"uid\": \"u\", \"paramMap\":"
                        + " {\"featuresCol\": \"name\", \"labelCol\": \"sex\", \"hiddenSize\": 4, \"maxIter\": 3, \"partitions\": 2}}");
        training.set(training.keyCols(), new String[] {"key"});
        training.set(training.models(), "models");
        Dataset<Row> rows = names().selectExpr("name", "sex", "sex in ('F', 'M') as key");
        KeyedPredictions predictions = training.fit(rows);
        KeyedModels models = classifier().setPartitions(2).fitByKey(rows, "key");
        assertEquals(
                models.transform(rows).collectAsList(),
                predictions.transform(rows).collectAsList());
        RnnClassifierModel one = (RnnClassifierModel) new KeyedModel().fit(spark.table("models"));
        assertEquals(
                ((RnnClassifierModel) models.model(true)).model().parameterHash(),
                one.model().parameterHash());
        training.set(training.estimator(), "{\"class\": \"java.lang.Runtime\", \"uid\": \"u\"}");
        InputException other = assertThrows(InputException.class, () -> training.fit(rows));
        assertTrue(
                other.getMessage()
                        .startsWith("the Param estimator is of a java.lang.Runtime; allowed are dev.unroll.ml.Rnn"),
                other.getMessage());
    }
}
