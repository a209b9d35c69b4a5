package dev.unroll.nn;

import dev.unroll.nn.Likelihood.Gaussian;
import dev.unroll.nn.Likelihood.NegativeBinomial;
import dev.unroll.nn.Likelihood.Poisson;
import dev.unroll.nn.Likelihood.StudentT;
import dev.unroll.nn.Loss.AbsoluteError;
import dev.unroll.nn.Loss.Crf;
import dev.unroll.nn.Loss.CrossEntropy;
import dev.unroll.nn.Loss.Huber;
import dev.unroll.nn.Loss.Quantile;
import dev.unroll.nn.Loss.SquaredError;
import java.util.List;

/** One loss of every kind. */
public final class Losses {

    public static final List<Loss> ALL = List.of(
            new CrossEntropy(),
            new BinaryLoss(),
            new MultiLabelLoss(),
            new Crf(),
            new SquaredError(),
            new AbsoluteError(),
            new Huber(),
            quantiles(),
            new Gaussian(),
            new StudentT(),
            new Poisson(),
            new NegativeBinomial());

    private Losses() {}

    /** Three of them, none of which is the median. */
    public static Quantile quantiles() {
        return new Quantile(List.of(0.05, 0.4, 0.9));
    }
}
