package dev.unroll.spark.shards;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

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
        int[] sizes = home.stream().mapToInt(shards -> shards.length).toArray();
        List<List<Integer>> division = new ArrayList<>();
        home.forEach(shards ->
                division.add(new ArrayList<>(Arrays.stream(shards).boxed().toList())));
        while (true) {
            int from = longest(sizes, speeds);
            int to = soonest(sizes, speeds);
            if (sizes[from] == 1 || (sizes[to] + 1) / speeds[to] >= sizes[from] / speeds[from]) {
                break;
            }
            division.get(to).add(division.get(from).remove(--sizes[from]));
            sizes[to]++;
        }
        int[] before = home.stream().mapToInt(shards -> shards.length).toArray();
        double longestBefore = before[longest(before, speeds)] / speeds[longest(before, speeds)];
        double longestNow = sizes[longest(sizes, speeds)] / speeds[longest(sizes, speeds)];
        return longestNow > WORTH * longestBefore
                ? Optional.empty()
                : Optional.of(new ShardDivision(division.stream()
                        .map(shards -> shards.stream().mapToInt(u -> u).sorted().toArray())
                        .toList()));
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
