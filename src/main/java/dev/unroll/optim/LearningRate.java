package dev.unroll.optim;

/** Takes an iteration (1 for the first), gives its step size. A pure function, so that a resumed run goes on as it would have. */
@FunctionalInterface
public interface LearningRate {

    double stepSize(long iteration);

    /** The same step size for ever. */
    static LearningRate constant(double stepSize) {
        return iteration -> stepSize;
    }

    /**
     * The step size times the factor of a {@link Schedule}, in double.
     *
     * @param updates the updates that the run will make at most, for schedules that end with it
     * @throws IllegalArgumentException for a text that is no schedule, naming the key, the value and what is allowed
     */
    static LearningRate parse(String schedule, double stepSize, long updates) {
        Schedule factor = Schedule.parse(schedule);
        return iteration -> stepSize * factor.at(iteration - 1, updates);
    }
}
