package dev.unroll;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.unroll.testing.BottomUp;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The house rules of docs/design.md: arrows point down only, and what is foreign stays where it belongs. */
class ArchitectureTest {

    private static final String ROOT = "dev.unroll";

    /** Package to the packages directly below it; what is below those may be imported too. */
    private static final Map<String, List<String>> BELOW = Map.ofEntries(
            Map.entry("math", List.of()),
            Map.entry("math.bench", List.of("math")),
            Map.entry("distribution", List.of("math")),
            Map.entry("data", List.of("math")),
            Map.entry("param", List.of("math")),
            Map.entry("nn", List.of("data", "param", "distribution")),
            Map.entry("metric", List.of("nn")),
            Map.entry("optim", List.of("param")),
            Map.entry("format", List.of("data", "param")),
            Map.entry("reference", List.of("nn")),
            Map.entry("model", List.of("nn", "format")),
            Map.entry("export", List.of("model")),
            Map.entry("worker", List.of("nn", "optim")),
            Map.entry("train", List.of("worker", "format")),
            Map.entry("testkit", List.of("train")),
            Map.entry("spark.source", List.of("format")),
            Map.entry("spark.shards", List.of("worker")),
            Map.entry("spark.rows", List.of("spark.source", "spark.shards")),
            Map.entry("spark.iteration", List.of("spark.shards", "train")),
            Map.entry("preflight", List.of("spark.iteration")),
            Map.entry("plot", List.of("train")),
            Map.entry("ui", List.of("plot")),
            Map.entry("fit", List.of("ui", "preflight", "spark.rows", "model", "math.bench")),
            Map.entry("ml", List.of("fit", "metric")),
            Map.entry("cli.frame", List.of("ml")),
            Map.entry("cli.bench", List.of("cli.frame")),
            Map.entry("cli.command", List.of("cli.bench", "export", "reference")),
            Map.entry("cli", List.of("cli.command")));

    /** Everything that has a part in theta's bits. */
    private static final String[] ON_THE_WAY_TO_THETA = packages(
            "math", "data", "param", "nn", "optim", "worker", "train", "spark.rows", "spark.shards", "spark.iteration");

    /** Where Spark is known. */
    private static final String[] SPARK = {
        "spark.source",
        "spark.rows",
        "spark.shards",
        "spark.iteration",
        "preflight",
        "plot",
        "ui",
        "fit",
        "ml",
        "cli",
        "cli.frame",
        "cli.bench",
        "cli.command"
    };

    /** The classes of the library, read once for all rules. */
    static final JavaClasses CLASSES = importClasses();

    /** Without the hierarchy of Spark's and the JDK's classes, which costs ten seconds; so rules about those go by name. */
    private static JavaClasses importClasses() {
        String tests = ArchitectureTest.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath();
        ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
        return new ClassFileImporter()
                .withImportOption(location -> !location.contains(tests))
                .importPackages(ROOT);
    }

    static Set<String> layers() {
        return new TreeSet<>(BELOW.keySet());
    }

    /** All packages that a class of {@code layer} may import, its own left out. */
    private static Set<String> allowed(String layer) {
        Set<String> allowed = new TreeSet<>();
        for (String below : BELOW.get(layer)) {
            allowed.add(below);
            allowed.addAll(allowed(below));
        }
        return allowed;
    }

    private static String[] packages(String... layers) {
        String[] packages = new String[layers.length];
        for (int i = 0; i < layers.length; i++) {
            packages[i] = ROOT + "." + layers[i];
        }
        return packages;
    }

    private static String[] packages(Collection<String> layers) {
        return packages(layers.toArray(new String[0]));
    }

    /** With no class found, every rule below would hold. */
    @Test
    void importer_findsTheMainClassesOnly() {
        assertTrue(CLASSES.contain(ROOT + ".nn.Network"));
        assertTrue(CLASSES.contain(ROOT + ".spark.iteration.SparkObjective"));
        assertFalse(CLASSES.contain(ArchitectureTest.class));
    }

    /** A new package must be given its place here first. */
    @Test
    void everyClass_standsInAKnownPackage() {
        classes().should().resideInAnyPackage(packages(layers())).check(CLASSES);
    }

    /** A package that could reach itself would end this in a stack overflow: the arrows have no cycle. */
    @ParameterizedTest
    @MethodSource("layers")
    void package_importsOnlyWhatIsBelow(String layer) {
        Set<String> allowed = allowed(layer);
        allowed.add(layer);
        noClasses()
                .that()
                .resideInAPackage(packages(layer)[0])
                .should()
                .dependOnClassesThat(resideInAPackage(ROOT + "..").and(not(resideInAnyPackage(packages(allowed)))))
                .as(layer + " may import " + allowed)
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    /** A red test should be the one next to the mistake: whatever is below a package is tested before it. */
    @ParameterizedTest
    @MethodSource("layers")
    void package_isTestedAfterWhatIsBelow(String layer) {
        List<String> order = BottomUp.PACKAGES;
        assertTrue(order.contains(layer), "give " + layer + " its place in BottomUp.PACKAGES");
        for (String below : allowed(layer)) {
            assertTrue(
                    order.indexOf(below) < order.indexOf(layer),
                    "BottomUp.PACKAGES has " + layer + " before " + below + ", which it may import");
        }
    }

    /** The kernel and the loop must run, and be tested, without Spark. */
    @Test
    void spark_isKnownInItsOwnPackagesOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackages(packages(SPARK))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.apache.spark..")
                .check(CLASSES);
    }

    @Test
    void vectorApi_isKnownToTheFilesNamedHereOnly() {
        Set<String> files = Set.of(
                ROOT + ".math.VectorRegisters",
                ROOT + ".math.VectorLanes",
                ROOT + ".math.VectorTiles",
                ROOT + ".math.bench.VectorFmaChains");
        noClasses()
                .that(describe("are not one of " + files, type -> !files.contains(type.getName())))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("jdk.incubator..")
                .check(CLASSES);
    }

    @Test
    void scala_standsOnlyWhereSparkOrBreezeDemandIt() {
        noClasses()
                .that()
                .resideOutsideOfPackages(packages(SPARK))
                .and()
                .resideOutsideOfPackage(packages("reference")[0])
                .should()
                .dependOnClassesThat()
                .resideInAPackage("scala..")
                .check(CLASSES);
        noClasses()
                .that()
                .resideOutsideOfPackage(packages("reference")[0])
                .should()
                .dependOnClassesThat()
                .resideInAPackage("breeze..")
                .check(CLASSES);
    }

    /** Breeze has Scala's types and another release schedule: one file to change. */
    @Test
    void breeze_standsBehindOneFile() {
        Set<String> files = new TreeSet<>();
        for (JavaClass type : CLASSES) {
            boolean foreign = type.getDirectDependenciesFromSelf().stream()
                    .anyMatch(d -> d.getTargetClass().getPackageName().matches("(breeze|scala)(\\..*)?"));
            if (foreign && type.getPackageName().startsWith(ROOT + ".reference")) {
                files.add(type.getName().replaceAll("\\$.*", ""));
            }
        }
        assertTrue(files.size() <= 1, "Breeze and Scala are known to " + files);
    }

    /** Executors run many tasks in one JVM: what is shared between them unseen is a race, or another bit. */
    @Test
    void staticFields_areFinal() {
        fields().that().areStatic().should().beFinal().check(CLASSES);
    }

    @Test
    void staticFields_areNoMutableContainers() {
        DescribedPredicate<JavaClass> mutable = describe(
                "a mutable type",
                type -> type.getName()
                                .matches("java\\.util\\.concurrent\\..*"
                                        + "|java\\.util\\..*(Map|Set|List|Deque|Queue|Vector|Hashtable|BitSet)"
                                        + "|java\\.lang\\.(ThreadLocal|StringBuilder|StringBuffer)")
                        && !Set.of("java.util.Map", "java.util.Set", "java.util.List")
                                .contains(type.getName()));
        fields().that().areStatic().should().notHaveRawType(mutable).check(CLASSES);
    }

    /**
     * Results of these differ between JDKs, platforms or locales, or depend on what was drawn before: docs/bits.md. (Math.sqrt, fma, abs,
     * min, max and rounding are exact everywhere.)
     */
    @Test
    void packagesOnTheWayToTheta_callNothingThatIsNotReproducible() {
        Set<String> inexact = Set.of(
                "exp", "expm1", "log", "log10", "log1p", "pow", "sin", "cos", "tan", "asin", "acos", "atan", "atan2",
                "sinh", "cosh", "tanh", "cbrt", "hypot", "random");
        Set<String> byLocale = Set.of("toLowerCase()", "toUpperCase()", "getBytes()", "compareTo(java.lang.String)");
        DescribedPredicate<JavaAccess<?>> forbidden = describe("not reproducible", access -> {
            String owner = access.getTargetOwner().getName();
            String name = access.getTarget().getName();
            String call = access.getTarget().getFullName().substring(owner.length() + 1);
            return (owner.equals("java.lang.Math") && inexact.contains(name))
                    || (owner.equals("java.lang.String") && byLocale.contains(call))
                    || (owner.startsWith("jdk.incubator.vector.") && name.startsWith("reduceLanes"))
                    || owner.matches("java\\.util\\..*Random.*");
        });
        noClasses()
                .that()
                .resideInAnyPackage(ON_THE_WAY_TO_THETA)
                .should()
                .accessTargetWhere(forbidden)
                .check(CLASSES);
    }
}
