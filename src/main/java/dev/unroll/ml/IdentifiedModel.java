package dev.unroll.ml;

import org.apache.spark.ml.Model;

/** Holds the uid, which a stage needs before its Params are made. */
abstract class IdentifiedModel<M extends Model<M>> extends Model<M> {

    private static final long serialVersionUID = 1L;

    private final String uid;

    IdentifiedModel(String uid) {
        SparkVersion.require();
        this.uid = uid;
    }

    @Override
    public String uid() {
        return uid;
    }
}
