package dev.unroll.nn;

import dev.unroll.param.Keyed;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;

/** Finds cells by name: the project's own, and those that the class path offers ({@link ServiceLoader}). */
public final class Cells {

    /** The names of the project's own. */
    public static final List<String> OWN = List.of(ElmanCell.NAME, LstmCell.NAME, GruCell.NAME, MinGruCell.NAME);

    private Cells() {}

    /**
     * The parameters of a cell's own.
     *
     * @param hidden H
     * @throws IllegalArgumentException if one is wrong, or two have one name; the message names the cell
     */
    static List<CellParameter> parameters(Cell cell, int hidden) {
        List<CellParameter> parameters;
        try {
            parameters = cell.parameters(hidden);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("cell " + cell.name() + ": " + e.getMessage(), e);
        }
        Set<String> names = new HashSet<>();
        for (CellParameter parameter : parameters) {
            if (!names.add(parameter.name())) {
                throw new IllegalArgumentException("cell " + cell.name() + " has two parameters named "
                        + parameter.name() + "; allowed is one of each name");
            }
        }
        return parameters;
    }

    /**
     * The cell of a name.
     *
     * @param activation of Elman's cell, tanh or relu; tanh for every other
     * @throws IllegalArgumentException for an unknown name or an activation that the cell does not have; for
     *     {@code mingru} if the class path offers a cell of that name, since it was not the project's at first
     */
    public static Cell named(String cell, String activation) {
        if (!activation.equals("tanh") && !activation.equals("relu")) {
            throw new IllegalArgumentException("activation is " + activation + "; allowed are tanh and relu");
        }
        if (!cell.equals(ElmanCell.NAME) && activation.equals("relu")) {
            throw new IllegalArgumentException("activation relu goes with cell elman only, and cell is " + cell);
        }
        return switch (cell) {
            case ElmanCell.NAME -> new ElmanCell(activation.equals("relu"));
            case LstmCell.NAME -> new LstmCell();
            case GruCell.NAME -> new GruCell();
            case MinGruCell.NAME -> {
                requireNoOther(cell, offered(cell));
                yield new MinGruCell();
            }
            default -> valid(cell, offered(cell));
        };
    }

    /**
     * Cells of the class path. A thread that Spark did not start may not see a jar that was given with {@code --jars};
     * the class loader of this class does, so both are asked.
     */
    private static List<Cell> found() {
        List<Cell> cells = new ArrayList<>();
        ServiceLoader.load(Cell.class).forEach(cells::add);
        ServiceLoader.load(Cell.class, Cells.class.getClassLoader()).forEach(cells::add);
        return cells;
    }

    /**
     * The cells of the class path, by name.
     *
     * @param name the one that is asked for
     * @throws IllegalArgumentException if two classes offer this name, or a file of services is wrong
     */
    private static Map<String, Cell> offered(String name) {
        Map<String, Cell> offered = new TreeMap<>();
        try {
            for (Cell cell : found()) {
                Cell other = offered.put(cell.name(), cell);
                if (cell.name().equals(name)
                        && other != null
                        && !other.getClass().equals(cell.getClass())) {
                    throw new IllegalArgumentException("cell " + name + " is offered by two classes, "
                            + other.getClass().getName() + " and "
                            + cell.getClass().getName());
                }
            }
        } catch (ServiceConfigurationError e) {
            throw new IllegalArgumentException(
                    "a file META-INF/services of the class path is wrong: " + e.getMessage(), e);
        }
        return offered;
    }

    /**
     * That a cell of the class path is never passed by for one of the project's own of the same name. Not asked by {@link
     * #named}, which every network calls; models name what trained them.
     *
     * @throws IllegalArgumentException if the class path offers a cell by the name of one of the project's own
     */
    public static void requireNoOther(String name) {
        if (OWN.contains(name)) {
            requireNoOther(name, offered(name));
        }
    }

    /**
     * That a cell with so many units may have a projection to so many numbers; 0 is none.
     *
     * @throws IllegalArgumentException if it may not, naming the keys
     */
    public static void requireProjection(String cell, int hiddenSize, int projSize) {
        if (projSize != 0 && !cell.equals(LstmCell.NAME)) {
            throw new IllegalArgumentException("proj-size is " + projSize + ", which goes with cell " + LstmCell.NAME
                    + " only, and cell is " + cell + "; allowed is 0 (no projection)");
        }
        if (projSize < 0 || projSize >= hiddenSize) {
            throw new IllegalArgumentException("proj-size is " + projSize + " and hidden-size is " + hiddenSize
                    + "; allowed is 0 (no projection), or at least 1 and less than hidden-size");
        }
    }

    private static void requireNoOther(String name, Map<String, Cell> offered) {
        Cell other = offered.get(name);
        if (other != null) {
            throw new IllegalArgumentException("cell " + name + " is the project's own, and "
                    + other.getClass().getName() + " of the class path has the same name; give that one another name");
        }
    }

    /** @throws IllegalArgumentException if there is no cell of that name, or it is not a valid one */
    private static Cell valid(String name, Map<String, Cell> offered) {
        Cell cell = offered.get(name);
        if (cell == null) {
            offered.keySet().removeAll(OWN);
            throw new IllegalArgumentException("cell is " + name + "; allowed are " + Keyed.list(OWN)
                    + (offered.isEmpty() ? "" : ", and on this class path " + offered.keySet()));
        }
        if (cell.gates() < 1
                || cell.recurrentGates() < 0
                || cell.recurrentGates() > cell.blocks()
                || cell.gates() > cell.blocks()
                || cell.forgetGate() >= cell.gates()) {
            throw new IllegalArgumentException("cell " + name + " has " + cell.gates() + " gates, "
                    + cell.recurrentGates() + " recurrent ones and " + cell.blocks()
                    + " blocks, and forget gate " + cell.forgetGate()
                    + "; allowed are at least one gate, a block for each, and a forget gate of these");
        }
        return cell;
    }
}
