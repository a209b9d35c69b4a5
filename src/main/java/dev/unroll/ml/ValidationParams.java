package dev.unroll.ml;

import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;

/**
 * Params of every estimator: validation and early stopping.
 *
 * @param <E> the estimator itself, for setters that can be chained
 * @param <M> its model
 */
public abstract class ValidationParams<E extends ValidationParams<E, M>, M extends Model<M>>
        extends OptimizationParams<E, M> {

    private static final long serialVersionUID = 1L;

    private final DoubleParam validationFraction = ParamFactory.number(
            this,
            "validationFraction",
            "share of the rows held out for validation, by a hash of the steps",
            0,
            AllowedValues.between(0, 1));
    private final IntParam validationInterval = ParamFactory.integer(
            this, "validationInterval", "updates between validations; 0 = once per epoch", 0, AllowedValues.atLeast(0));
    private final IntParam patience = ParamFactory.integer(
            this,
            "patience",
            "stop after this many validations without a lower loss, and keep the best parameters; 0 = off",
            0,
            AllowedValues.atLeast(0));

    ValidationParams(String uid) {
        super(uid);
    }

    public final DoubleParam validationFraction() {
        return validationFraction;
    }

    public final E setValidationFraction(double value) {
        return with(validationFraction, value);
    }

    public final IntParam validationInterval() {
        return validationInterval;
    }

    public final E setValidationInterval(int value) {
        return with(validationInterval, value);
    }

    public final IntParam patience() {
        return patience;
    }

    public final E setPatience(int value) {
        return with(patience, value);
    }
}
