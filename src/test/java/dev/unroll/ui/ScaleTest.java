package dev.unroll.ui;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.DoubleStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScaleTest {

    /** Losses of updates that change nothing differ in their last bit alone. */
    @ParameterizedTest
    @ValueSource(doubles = {0.6931471805599453, 1e-300, 1e300, -3, 0})
    void ticks_areFew_betweenNeighbours(double value) {
        Scale scale = Scale.of(DoubleStream.of(value, Math.nextUp(value)), 0, 100);
        assertTrue(scale.ticks().size() >= 1 && scale.ticks().size() <= 11, () -> scale.ticks()
                .toString());
    }
}
