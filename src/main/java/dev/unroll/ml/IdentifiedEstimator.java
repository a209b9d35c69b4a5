package dev.unroll.ml;

import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.Model;

/** Holds the uid, which a stage needs before its Params are made. */
abstract class IdentifiedEstimator<M extends Model<M>> extends Estimator<M> {

    private static final long serialVersionUID = 1L;

    private final String uid;

    IdentifiedEstimator(String uid) {
        SparkVersion.require();
        this.uid = uid;
    }

    @Override
    public String uid() {
        return uid;
    }
}
