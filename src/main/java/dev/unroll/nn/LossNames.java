package dev.unroll.nn;

import dev.unroll.nn.Loss.Kind;
import dev.unroll.param.Keyed;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** A loss by its name: in files its key, and what users set. */
public final class LossNames {

    private static final List<Kind> ALL = List.of(Kind.values());

    private LossNames() {}

    /**
     * The loss of a file.
     *
     * @throws IllegalArgumentException for an unknown name, naming what is allowed, and for false levels of quantiles
     */
    public static Loss of(String key) {
        return named(key, ALL, Kind::key)
                .orElseThrow(() -> refused("loss is " + key + "; allowed are ", ALL, Kind::key));
    }

    /**
     * The loss that a user sets.
     *
     * @throws IllegalArgumentException for one that there is not, or that does not go with the task, naming what is allowed,
     *     and for false levels of quantiles
     */
    public static Loss of(LearningTask task, String setting) {
        List<Kind> allowed = ALL.stream().filter(kind -> kind.goesWith(task)).toList();
        return named(setting, allowed, Kind::setting)
                .orElseThrow(() -> refused(
                        "loss is " + setting + ", and task is " + task.key() + "; allowed "
                                + (allowed.size() == 1 ? "is " : "are "),
                        allowed,
                        Kind::setting));
    }

    /**
     * Whether it is a setting of some task.
     *
     * @throws IllegalArgumentException for false levels of quantiles, naming the first
     */
    public static boolean accepts(String setting) {
        return setting != null && named(setting, ALL, Kind::setting).isPresent();
    }

    /** The setting of a task where nobody sets one. */
    public static String defaultOf(LearningTask task) {
        return (task == LearningTask.REGRESSION ? Kind.SQUARED_ERROR : Kind.CROSS_ENTROPY).setting();
    }

    /** The settings of all tasks, in words. */
    public static String allowed() {
        return forms(ALL, Kind::setting);
    }

    /** The loss of a text: a name, behind which quantiles have a colon and their levels. */
    private static Optional<Loss> named(String text, List<Kind> kinds, Function<Kind, String> name) {
        String[] parts = text.split(":", 2);
        for (Kind kind : kinds) {
            if (name.apply(kind).equals(parts[0]) && (kind == Kind.QUANTILE) == (parts.length == 2)) {
                return Optional.of(loss(kind, parts[parts.length - 1]));
            }
        }
        return Optional.empty();
    }

    /** @param levels of quantiles, as text; anything for another loss */
    private static Loss loss(Kind kind, String levels) {
        return switch (kind) {
            case CROSS_ENTROPY -> new Loss.CrossEntropy();
            case CRF -> new Loss.Crf();
            case BINARY -> new BinaryLoss();
            case MULTI_LABEL -> new MultiLabelLoss();
            case SQUARED_ERROR -> new Loss.SquaredError();
            case ABSOLUTE -> new Loss.AbsoluteError();
            case HUBER -> new Loss.Huber();
            case QUANTILE -> new Loss.Quantile(QuantileLevels.of(levels));
            case GAUSSIAN -> new Likelihood.Gaussian();
            case STUDENT_T -> new Likelihood.StudentT();
            case POISSON -> new Likelihood.Poisson();
            case NEGATIVE_BINOMIAL -> new Likelihood.NegativeBinomial();
        };
    }

    private static IllegalArgumentException refused(String what, List<Kind> allowed, Function<Kind, String> name) {
        return new IllegalArgumentException(what + forms(allowed, name));
    }

    private static String forms(List<Kind> kinds, Function<Kind, String> name) {
        return Keyed.list(
                kinds.stream().map(kind -> form(kind, name.apply(kind))).toList());
    }

    /** A name as users write it, which of quantiles has their levels behind it. */
    private static String form(Kind kind, String name) {
        return kind == Kind.QUANTILE ? name + ":LEVELS (such as " + name + ":0.1,0.5,0.9)" : name;
    }
}
