package dev.unroll.param;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.param.ParameterLayout.Slot;
import dev.unroll.param.RowBlocks.Block;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class RowBlocksTest {

    /** Elements 10 11 12 | 13 14 15 | 16 17 | 18 19 | 20 21 : two rows of three, three rows of two. */
    private static final RowBlocks ROWS =
            RowBlocks.of(List.of(new Slot("a", List.of(2, 3), 10), new Slot("b", List.of(3, 2), 16)));

    private static List<List<Integer>> elements(RowBlocks rows, int... chosen) {
        BitSet set = new BitSet();
        for (int row : chosen) {
            set.set(row);
        }
        List<List<Integer>> ranges = new ArrayList<>();
        rows.forEach(set, (from, to) -> ranges.add(List.of(from, to)));
        assertEquals(ranges.stream().mapToInt(r -> r.get(1) - r.get(0)).sum(), rows.size(set));
        return ranges;
    }

    @Test
    void rows_haveOneRunningNumber() {
        assertEquals(
                List.of(10, 22, 12, 5, 3), List.of(ROWS.offset(), ROWS.end(), ROWS.size(), ROWS.rows(), ROWS.widest()));
        assertEquals(List.of(List.of(13, 16), List.of(16, 18), List.of(20, 22)), elements(ROWS, 1, 2, 4));
        assertEquals(List.of(), elements(RowBlocks.NONE, 0));
        int[] starts = {10, 13, 16, 18, 20, 22};
        for (int row = 0; row < starts.length; row++) {
            assertEquals(row, ROWS.row(starts[row]));
        }
        assertThrows(IllegalArgumentException.class, () -> ROWS.row(14));
        assertThrows(IllegalArgumentException.class, () -> ROWS.row(19));
        assertThrows(IllegalArgumentException.class, () -> ROWS.row(9));
        assertThrows(IllegalArgumentException.class, () -> ROWS.row(23));
    }

    @Test
    void slice_hasTheRowsBetween_andBeginsAtZero() {
        assertEquals(new RowBlocks(0, List.of(new Block(1, 3), new Block(2, 2))), ROWS.slice(13, 20));
        assertEquals(new RowBlocks(0, List.of(new Block(1, 2))), ROWS.slice(20, 22));
        assertEquals(new RowBlocks(0, ROWS.blocks()), ROWS.slice(10, 22));
        assertTrue(ROWS.slice(0, 10).isEmpty() && ROWS.slice(22, 30).isEmpty());
        assertTrue(RowBlocks.NONE.slice(0, 7).isEmpty());
        assertThrows(IllegalArgumentException.class, () -> ROWS.slice(10, 14));
        assertThrows(IllegalArgumentException.class, () -> ROWS.slice(9, 13));
        assertThrows(IllegalArgumentException.class, () -> ROWS.slice(20, 23));
    }

    @Test
    void matricesThatAreApart_areRefused() {
        List<Slot> apart = List.of(new Slot("a", List.of(2, 3), 10), new Slot("b", List.of(3, 2), 17));
        assertEquals(
                "b begins at 17, not at 16",
                assertThrows(IllegalArgumentException.class, () -> RowBlocks.of(apart))
                        .getMessage());
    }
}
