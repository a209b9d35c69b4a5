package dev.unroll.worker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.ByteBuffer;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What is summed along with a gradient merges and travels whole, each of it or none. */
class AuxiliarySumsTest {

    private static AuxiliarySums of(double norm, int stream, float state) {
        AuxiliarySums sums = new AuxiliarySums();
        sums.flow(1).merge(TestFlows.of(norm));
        sums.noteShard(new GradientNoise.Shards(norm, 0.5, 1));
        TreeMap<Integer, float[]> states = new TreeMap<>();
        states.put(stream, new float[] {state});
        sums.states().merge(new StreamStates(states));
        return sums;
    }

    private static AuxiliarySums travelled(AuxiliarySums sums) {
        ByteBuffer bytes = ByteBuffer.allocate(sums.byteCount());
        sums.write(bytes);
        assertEquals(0, bytes.remaining(), "as many bytes as announced");
        return AuxiliarySums.read(bytes.flip());
    }

    @Test
    void merge_addsEachOfThem() {
        AuxiliarySums sums = of(3, 0, 7);
        sums.terms(2);
        sums.merge(travelled(of(4, 5, 8)));
        AuxiliarySums read = travelled(sums);
        assertEquals(Math.sqrt((9 + 16) / 2.0), read.flow().norm(0, 0), 1e-12);
        assertEquals(2, read.terms().layers());
        assertEquals(new GradientNoise.Shards(7, 1, 2), read.noiseShards());
        assertEquals(2, read.states().byStream().size());
        assertArrayEquals(new float[] {7}, read.states().byStream().get(0));
        assertArrayEquals(new float[] {8}, read.states().byStream().get(5));
    }

    @Test
    void whatWasNotObserved_isNotThereAfterMergingAndTravelling() {
        AuxiliarySums none = new AuxiliarySums();
        none.merge(new AuxiliarySums());
        AuxiliarySums read = travelled(none);
        assertNull(read.flow());
        assertNull(read.terms());
        assertEquals(0, read.noiseShards().count());
        assertEquals(0, read.states().byStream().size());
        none.merge(of(3, 0, 7));
        assertEquals(3, none.flow().norm(0, 0), 1e-12);
    }
}
