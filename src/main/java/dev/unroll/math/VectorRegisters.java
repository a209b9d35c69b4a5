package dev.unroll.math;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** The registers of {@link VectorLanes} and {@link VectorTiles}. */
final class VectorRegisters {

    /** The preferred registers of the machine, but no wider than the virtual lanes of a sum. */
    static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED.length() <= ElementwiseLanes.VIRTUAL_LANES
            ? FloatVector.SPECIES_PREFERRED
            : FloatVector.SPECIES_512;

    private VectorRegisters() {}
}
