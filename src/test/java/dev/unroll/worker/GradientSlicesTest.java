package dev.unroll.worker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.Network;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.NetworkSpec.Category;
import dev.unroll.nn.NetworkSpec.Mixed;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GradientSlicesTest {

    /**
     * A few wide rows beside many narrow ones: one width does not decide how the other embedding is cut. There are 3 + 1000
     * rows of embeddings, and 20,009 other numbers.
     */
    @ParameterizedTest
    @CsvSource({"1, 21012", "999, 27", "19999, 6", "20000, 6", "45000, 3", "1000000, 2"})
    void slices_areFullButNoLargerThanAskedOrOneRow_andJoinedAreTheWhole(int elements, int mostSlices) {
        int widest = 20_000;
        Mixed input =
                new Mixed(0, false, List.of(new Category("a", 3, widest), new Category("b", 1000, 2)), 0, List.of());
        NetworkSpec spec = new NetworkSpec(input, "elman", "tanh", 1, new HeadSpec(2, true));
        Network network = new Network(spec);
        int parameters = network.layout().size();
        GradientSum sum = new GradientSum(parameters, network.sparse());
        Random random = new Random(5);
        for (int i = 0; i < parameters; i++) {
            sum.gradient()[i] = random.nextFloat();
        }
        CanonicalTree<GradientSum> tree = new CanonicalTree<>(1);
        tree.add(0, sum);

        GradientSlices slices = GradientSlices.of(spec, elements);
        List<GradientSum> parts = new ArrayList<>();
        for (int k = 0; k < slices.count(); k++) {
            parts.add(slices.slice(tree, k).root());
            int size = parts.get(k).gradient().length;
            assertTrue(size > 0 && size <= Math.max(elements, widest), "slice " + k + " has " + size);
        }
        assertTrue(slices.count() <= mostSlices, slices.count() + " slices");
        assertEquals(
                parameters,
                parts.stream().mapToInt(part -> part.gradient().length).sum());
        assertArrayEquals(sum.gradient(), GradientSum.joined(parts).gradient());
    }
}
