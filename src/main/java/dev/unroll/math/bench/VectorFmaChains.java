package dev.unroll.math.bench;

import dev.unroll.math.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The chains of {@link FmaPeak} on vector registers, of the width that products use; loaded only where they use
 * vectors.
 */
final class VectorFmaChains {

    private static final VectorSpecies<Float> SPECIES =
            VectorSpecies.of(float.class, VectorShape.forBitSize(Lanes.count() * Float.SIZE));

    private VectorFmaChains() {}

    /** Runs twelve independent chains of {@code rounds} vector fma each; returns something of the result. */
    static float run(int rounds) {
        FloatVector x = FloatVector.broadcast(SPECIES, 0.5f);
        FloatVector y = FloatVector.broadcast(SPECIES, 1f);
        FloatVector a = FloatVector.broadcast(SPECIES, 1f);
        FloatVector b = FloatVector.broadcast(SPECIES, 2f);
        FloatVector c = FloatVector.broadcast(SPECIES, 3f);
        FloatVector d = FloatVector.broadcast(SPECIES, 4f);
        FloatVector e = FloatVector.broadcast(SPECIES, 5f);
        FloatVector f = FloatVector.broadcast(SPECIES, 6f);
        FloatVector g = FloatVector.broadcast(SPECIES, 7f);
        FloatVector h = FloatVector.broadcast(SPECIES, 8f);
        FloatVector i = FloatVector.broadcast(SPECIES, 9f);
        FloatVector j = FloatVector.broadcast(SPECIES, 10f);
        FloatVector k = FloatVector.broadcast(SPECIES, 11f);
        FloatVector l = FloatVector.broadcast(SPECIES, 12f);
        for (int n = 0; n < rounds; n++) {
            a = a.fma(x, y);
            b = b.fma(x, y);
            c = c.fma(x, y);
            d = d.fma(x, y);
            e = e.fma(x, y);
            f = f.fma(x, y);
            g = g.fma(x, y);
            h = h.fma(x, y);
            i = i.fma(x, y);
            j = j.fma(x, y);
            k = k.fma(x, y);
            l = l.fma(x, y);
        }
        FloatVector sum = a.add(b)
                .add(c)
                .add(d)
                .add(e)
                .add(f)
                .add(g)
                .add(h)
                .add(i)
                .add(j)
                .add(k)
                .add(l);
        return sum.lane(0);
    }
}
