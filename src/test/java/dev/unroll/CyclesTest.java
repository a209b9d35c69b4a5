package dev.unroll;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * No two files need each other, inside a package as between packages, neither directly nor through others: whoever reads a file can then
 * read what it uses first. A file is its top-level class, so nested classes may use the one around them.
 * {@code reference} is left out: it is written to be read as a whole.
 */
class CyclesTest {

    private static final String ROOT = "dev.unroll.";

    private static String file(JavaClass type) {
        String name = type.getBaseComponentType().getName();
        int nested = name.indexOf('$');
        return (nested < 0 ? name : name.substring(0, nested)).substring(ROOT.length());
    }

    /** Files by the files that they use. */
    private static Map<String, Set<String>> uses() {
        Map<String, Set<String>> uses = new TreeMap<>();
        for (JavaClass type : ArchitectureTest.CLASSES) {
            if (type.getPackageName().equals(ROOT + "reference")) {
                continue;
            }
            Set<String> used = uses.computeIfAbsent(file(type), name -> new TreeSet<>());
            for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                JavaClass target = dependency.getTargetClass().getBaseComponentType();
                if (target.getName().startsWith(ROOT)) {
                    used.add(file(target));
                }
            }
            used.remove(file(type));
        }
        return uses;
    }

    /** Strongly connected files (Tarjan 1972), those alone left out. */
    private static final class Cycles {
        private final Map<String, Set<String>> uses;
        private final Map<String, Integer> index = new HashMap<>();
        private final Map<String, Integer> lowest = new HashMap<>();
        private final Deque<String> stack = new ArrayDeque<>();
        private final List<Set<String>> found = new ArrayList<>();

        Cycles(Map<String, Set<String>> uses) {
            this.uses = uses;
            for (String file : uses.keySet()) {
                if (!index.containsKey(file)) {
                    visit(file);
                }
            }
        }

        private void visit(String file) {
            index.put(file, index.size());
            lowest.put(file, index.get(file));
            stack.push(file);
            for (String used : uses.getOrDefault(file, Set.of())) {
                if (!index.containsKey(used)) {
                    visit(used);
                    lowest.merge(file, lowest.get(used), Math::min);
                } else if (stack.contains(used)) {
                    lowest.merge(file, index.get(used), Math::min);
                }
            }
            if (lowest.get(file).equals(index.get(file))) {
                Set<String> cycle = new TreeSet<>();
                String member;
                do {
                    member = stack.pop();
                    cycle.add(member);
                } while (!member.equals(file));
                if (cycle.size() > 1) {
                    found.add(cycle);
                }
            }
        }
    }

    /** A cycle as {@code package: Name Name}, or with the package at each name where there are several. */
    private static String line(Set<String> cycle) {
        Set<String> packages = cycle.stream()
                .map(name -> name.substring(0, name.lastIndexOf('.')))
                .collect(Collectors.toSet());
        return packages.size() > 1
                ? String.join(" ", cycle)
                : packages.iterator().next() + ": "
                        + cycle.stream()
                                .map(name -> name.substring(name.lastIndexOf('.') + 1))
                                .collect(Collectors.joining(" "));
    }

    @Test
    void cycles_areFound() {
        Map<String, Set<String>> uses = Map.of(
                "p.A",
                Set.of("p.B"),
                "p.B",
                Set.of("p.C", "p.D"),
                "p.C",
                Set.of("p.A"),
                "p.D",
                Set.of("q.E"),
                "q.E",
                Set.of("p.D", "q.F"),
                "q.F",
                Set.of());
        assertEquals(
                Set.of("p: A B C", "p.D q.E"),
                new Cycles(uses).found.stream().map(CyclesTest::line).collect(Collectors.toSet()));
    }

    @Test
    void files_doNotNeedEachOther() {
        Map<String, Set<String>> uses = uses();
        Map<String, Set<String>> found = new TreeMap<>();
        for (Set<String> cycle : new Cycles(uses).found) {
            found.put(line(cycle), cycle);
        }
        List<String> complaints = new ArrayList<>();
        for (Map.Entry<String, Set<String>> cycle : found.entrySet()) {
            complaints.add("\n" + cycle.getKey() + "\n  need each other:");
            for (String file : cycle.getValue()) {
                Set<String> within = new TreeSet<>(uses.get(file));
                within.retainAll(cycle.getValue());
                complaints.add("    " + file + " uses " + within);
            }
        }
        assertTrue(complaints.isEmpty(), "break these up: " + String.join("\n", complaints));
    }
}
