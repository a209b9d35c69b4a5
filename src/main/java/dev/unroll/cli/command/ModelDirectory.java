package dev.unroll.cli.command;

import dev.unroll.cli.frame.Option;
import dev.unroll.cli.frame.UsageException;
import dev.unroll.data.InputException;
import dev.unroll.format.Directory;
import dev.unroll.ml.ModelStages;
import dev.unroll.ml.RnnModel;
import dev.unroll.model.Model;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;

/** A model directory on a command line: clear words where it cannot be read or written. */
final class ModelDirectory {

    static final Option OPTION = Option.text("model", "directory of the model");

    private ModelDirectory() {}

    /** Fails before the work and not after it. */
    static void requireWritable(String path, boolean overwrite, SparkSession spark) {
        try {
            Directory.of(path, spark.sparkContext().hadoopConfiguration()).requireWritable(overwrite, RnnModel.FILES);
        } catch (IOException e) {
            throw new UsageException(e.getMessage());
        }
    }

    static RnnModel<?> load(String path) {
        try {
            return ModelStages.load(path);
        } catch (InputException e) {
            throw new InputException("cannot read model " + path + ": " + e.getMessage(), e);
        }
    }

    /** Without Spark. */
    static Model loadLocally(String path) {
        try {
            return Model.load(Directory.of(path, new Configuration()).child(Model.DATA));
        } catch (IOException e) {
            throw new InputException("cannot read model " + path + ": " + e.getMessage(), e);
        }
    }
}
