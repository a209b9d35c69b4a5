package dev.unroll.ml;

import org.apache.spark.ml.param.Param;

/** A stage some of whose defaults depend on other Params. */
interface OtherDefaults {

    /** What holds in place of the default of a Param that is not set, and where, in words; empty where nothing does. */
    String otherDefaults(Param<?> param);
}
