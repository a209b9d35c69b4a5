package dev.unroll.spark.shards;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unroll.testing.SparkTest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Partitions to tasks: neighbours together, as even as can be, and nothing left out. */
@SparkTest
class TaskPlacementTest {

    /** Units in words: partitions of one apart by a blank, units by a comma; an empty unit has nothing to do. */
    private static List<int[]> units(String text) {
        return Arrays.stream(text.split(",", -1))
                .map(unit -> Arrays.stream(unit.trim().split(" "))
                        .filter(partition -> !partition.isEmpty())
                        .mapToInt(Integer::parseInt)
                        .toArray())
                .toList();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0,1,2,3 | 2 | 0 1,2 3",
                "0,1,2,3,4 | 2 | 0 1 2,3 4",
                "0,1,2 | 8 | 0,1,2",
                "0,1,2,3,4,5,6 | 3 | 0 1 2,3 4,5 6",
                "0 1,2 3,4 5 | 2 | 0 1 2 3,4 5",
                "0,,1,,2,3 | 2 | 0 1,2 3",
                "4,2,0 | 1 | 4 2 0"
            })
    void runs_areNeighboursAndEven(String units, int atOnce, String expected) {
        int[][] runs = TaskPlacement.groups(units(units), atOnce);
        assertEquals(
                units(expected).stream().map(Arrays::toString).toList(),
                Arrays.stream(runs).map(Arrays::toString).toList());
    }

    @Test
    void partitionsOfAGroup_areReadInTheOrderOfTheGroup(JavaSparkContext context) {
        List<Integer> numbers = new ArrayList<>();
        for (int n = 0; n < 80; n++) {
            numbers.add(n);
        }
        JavaRDD<Integer> rdd = context.parallelize(numbers, 8); // ten numbers a partition
        JavaRDD<Integer> together = TaskPlacement.coalesced(rdd, units("5 4,0,1,7"), 2);
        assertEquals(2, together.getNumPartitions());
        List<List<Integer>> found = together.glom().collect();
        assertEquals(List.of(50, 40, 0), tens(found.get(0)));
        assertEquals(List.of(10, 70), tens(found.get(1)));
        assertEquals(numbers, TaskPlacement.spread(rdd).collect());
    }

    private static List<Integer> tens(List<Integer> numbers) {
        return numbers.stream().filter(n -> n % 10 == 0).toList();
    }
}
