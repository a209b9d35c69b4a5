package dev.unroll.spark.shards;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Which task computes which shards where executors differ in speed: tasks of slow ones give some of theirs to the
 * others, as few as make the longest task short. Has no influence on any bit, since sums are those of shards.
 *
 * @param shards by task, ascending; no task is without any
 */
public record ShardDivision(List<int[]> shards) implements Serializable {

    /** A division has to make the longest task shorter by a tenth: what moves is fetched once, and packed by copies. */
    private static final double WORTH = 0.9;

    /**
     * The division for these speeds.
     *
     * @param home the shards of each task where all are equally fast
     * @param speeds of the tasks, in any unit; above 0
     * @return empty where the tasks keep what they have
     */
    public static Optional<ShardDivision> of(List<int[]> home, double[] speeds) {
        if (Arrays.stream(speeds).distinct().count() < 2) {
            return Optional.empty();
        }
        int[] before = home.stream().mapToInt(shards -> shards.length).toArray();
        int[] sizes = before.clone();
        while (true) {
            int from = longest(sizes, speeds);
            int to = soonest(sizes, speeds);
            if (sizes[from] == 1 || (sizes[to] + 1) / speeds[to] >= sizes[from] / speeds[from]) {
                break;
            }
            sizes[from]--;
            sizes[to]++;
        }
        int slowest = longest(before, speeds);
        int last = longest(sizes, speeds);
        return sizes[last] / speeds[last] > WORTH * before[slowest] / speeds[slowest]
                ? Optional.empty()
                : Optional.of(new ShardDivision(moved(home, sizes)));
    }

    /** What leaves a task are its last shards, and what comes to one are neighbours: they make few sums. */
    private static List<int[]> moved(List<int[]> home, int[] sizes) {
        int[] moving = IntStream.range(0, sizes.length)
                .filter(g -> sizes[g] < home.get(g).length)
                .flatMap(g -> Arrays.stream(home.get(g)).skip(sizes[g]))
                .toArray();
        List<int[]> division = new ArrayList<>();
        int taken = 0;
        for (int g = 0; g < sizes.length; g++) {
            int more = Math.max(0, sizes[g] - home.get(g).length);
            division.add(IntStream.concat(
                            Arrays.stream(home.get(g)).limit(sizes[g]), Arrays.stream(moving, taken, taken + more))
                    .sorted()
                    .toArray());
            taken += more;
        }
        return division;
    }

    /** The task that ends last. */
    private static int longest(int[] sizes, double[] speeds) {
        int longest = 0;
        for (int g = 1; g < sizes.length; g++) {
            longest = sizes[g] / speeds[g] > sizes[longest] / speeds[longest] ? g : longest;
        }
        return longest;
    }

    /** The task that would be ready first with one more shard. */
    private static int soonest(int[] sizes, double[] speeds) {
        int soonest = 0;
        for (int g = 1; g < sizes.length; g++) {
            soonest = (sizes[g] + 1) / speeds[g] < (sizes[soonest] + 1) / speeds[soonest] ? g : soonest;
        }
        return soonest;
    }

    /** Whether that task computes that shard. */
    public boolean has(int task, int shard) {
        return Arrays.binarySearch(shards.get(task), shard) >= 0;
    }
}
