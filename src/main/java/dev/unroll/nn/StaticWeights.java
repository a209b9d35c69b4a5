package dev.unroll.nn;

import dev.unroll.math.Panels;
import java.util.Arrays;

/** The columns of weights that are multiplied by statics: of the head, or of one direction of the first layer by gate. */
final class StaticWeights {

    final Panels[] forward; // W_s', (S, n)
    final Panels[] back; // those of W_s that are multiplied by embeddings, (n, E)

    StaticWeights(int matrices) {
        forward = new Panels[matrices];
        back = new Panels[matrices];
        Arrays.setAll(forward, r -> new Panels());
        Arrays.setAll(back, r -> new Panels());
    }
}
