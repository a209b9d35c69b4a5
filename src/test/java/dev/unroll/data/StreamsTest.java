package dev.unroll.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StreamsTest {

    @ParameterizedTest
    @CsvSource({"1, 5, 1", "1, 5, 12", "4, 7, 450", "4, 7, 448", "3, 1, 10", "5, 100, 23", "7, 3, 7", "2, 4, 17"})
    void windows_areThoseOfStreamsLaidOutOneByOne(int count, int window, int steps) {
        Streams streams = new Streams(count, window, steps);
        List<Long> ordinals = new ArrayList<>();
        int position = 0;
        for (int s = 0; s < count; s++) {
            int length = steps / count + (s < steps % count ? 1 : 0);
            for (int t = 0; t < length; t++, position++) {
                assertEquals(t / window * (long) count + s, streams.ordinal(position), "step " + position);
                int left = Math.min(window - t % window, length - t);
                assertEquals(position + left, streams.end(position), "step " + position);
                if (t % window == 0) {
                    ordinals.add(streams.ordinal(position));
                }
            }
        }
        ordinals.sort(null);
        assertEquals(streams.windows(), ordinals.size());
        for (int n = 0; n < ordinals.size(); n++) {
            assertEquals(n, ordinals.get(n), "ordinals have no gaps");
        }
    }

    @ParameterizedTest
    @CsvSource({"8, 5, 7", "2, 5, 0"})
    void moreStreamsThanSteps_areRefused(int count, int window, int steps) {
        String message = assertThrows(IllegalArgumentException.class, () -> new Streams(count, window, steps))
                .getMessage();
        assertTrue(message.startsWith("batch-size is " + count), message);
    }
}
