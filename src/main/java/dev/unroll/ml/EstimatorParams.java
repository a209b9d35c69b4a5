package dev.unroll.ml;

import java.util.List;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import scala.Option;

/**
 * Params of every estimator: how they are set and read.
 *
 * @param <E> the estimator itself, for setters that can be chained
 * @param <M> its model
 */
public abstract class EstimatorParams<E extends EstimatorParams<E, M>, M extends Model<M>>
        extends IdentifiedEstimator<M> implements OtherDefaults {

    private static final long serialVersionUID = 1L;

    EstimatorParams(String uid) {
        super(uid);
    }

    @SuppressWarnings("unchecked")
    final E self() {
        return (E) this;
    }

    final E with(Param<?> param, Object value) {
        set(param.name(), ParamDocs.of(param).parse(ParamDocs.text(value)));
        return self();
    }

    /** What was set, or else the default, which another Param may replace. */
    @SuppressWarnings("unchecked")
    final <T> T value(Param<?> param) {
        Object replaced = isSet(param) ? null : replacedDefault(param);
        return replaced == null ? ParamFactory.get(this, param) : (T) replaced;
    }

    /** What holds in place of a default; null where nothing does. */
    abstract Object replacedDefault(Param<?> param);

    /** As Spark's, but with the elements of a list in place of its address. */
    @Override
    public final String explainParam(Param<?> param) {
        String explained = super.explainParam(param);
        for (Option<?> known : List.of(getDefault(param), get(param))) {
            Object list = known.isDefined() ? known.get() : null;
            if (list instanceof String[]) {
                explained = explained.replace(String.valueOf(list), ParamDocs.text(list));
            }
        }
        return explained;
    }

    final int integer(IntParam param) {
        return this.<Integer>value(param);
    }

    final double number(DoubleParam param) {
        return this.<Double>value(param);
    }

    final boolean flag(BooleanParam param) {
        return this.<Boolean>value(param);
    }

    /** The constant that a Param names in lower case. */
    final <T extends Enum<T>> T constant(Class<T> type, Param<String> param) {
        return Enum.valueOf(type, this.<String>value(param).toUpperCase(java.util.Locale.ROOT));
    }
}
