package dev.writebehind;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.all;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.AbstractClassesTransformer;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mariadb.jdbc.plugin.TlsSocketPlugin;

/** One direction, one room for each step: who may call whom, as the design has it. */
class ArchitectureTest {
    private static final String BASE = "dev.writebehind";

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(BASE);

    /** The package that wires all others, by its name below itself. */
    private static final String ROOT = "";

    /** Which packages each may call besides itself and {@code config}. */
    private static final Map<String, Set<String>> MAY_CALL = Map.ofEntries(
            Map.entry("cli", Set.of(ROOT, "store", "journal", "journal.file", "journal.kafka", "progress")),
            Map.entry(
                    ROOT,
                    Set.of(
                            "api",
                            "openedx",
                            "ops",
                            "core",
                            "http",
                            "auth",
                            "flush",
                            "buffer",
                            "journal",
                            "journal.file",
                            "journal.kafka",
                            "store",
                            "completion",
                            "condition",
                            "contract",
                            "tls",
                            "blocking",
                            "log",
                            "progress")),
            Map.entry("contract", Set.of("http")),
            Map.entry("blocking", Set.of()),
            Map.entry("completion", Set.of()),
            Map.entry("condition", Set.of()),
            Map.entry("files", Set.of()),
            Map.entry("log", Set.of()),
            Map.entry("progress", Set.of()),
            Map.entry("config", Set.of()),
            Map.entry("auth", Set.of("condition", "blocking")),
            Map.entry("http", Set.of("blocking", "tls")),
            Map.entry("core", Set.of("completion", "condition", "journal", "buffer", "flush", "store", "blocking")),
            Map.entry("api", Set.of("http", "auth", "core", "completion")),
            Map.entry("openedx", Set.of("http", "auth", "core", "completion", "store", "condition")),
            Map.entry("journal", Set.of("completion")),
            Map.entry("journal.kafka", Set.of("journal", "completion")),
            Map.entry("journal.file", Set.of("journal", "completion", "condition", "files", "progress")),
            Map.entry("buffer", Set.of("completion")),
            // completion: what it moves from the buffer to the store are the domain's writes
            Map.entry("flush", Set.of("buffer", "store", "completion", "condition", "files", "blocking")),
            Map.entry("store", Set.of("completion", "progress", "tls", "blocking")),
            Map.entry("tls", Set.of("condition")),
            // flush, store, journal: dead letters, counters and their labels, as core hands them on
            Map.entry("ops", Set.of("http", "core", "condition", "flush", "store", "journal", "blocking", "tls")));

    /** The records may be read anywhere, but the domain and settings themselves call nothing. */
    private static final Set<String> CALL_NOTHING =
            Set.of("completion", "condition", "config", "files", "blocking", "log", "progress");

    static Set<String> packages() {
        return new TreeSet<>(MAY_CALL.keySet());
    }

    @ParameterizedTest
    @MethodSource("packages")
    void everyPackage_callsOnlyThoseThatItMay(String name) {
        List<String> forbidden = new ArrayList<>();
        for (String other : MAY_CALL.keySet()) {
            boolean settings = other.equals("config") && !CALL_NOTHING.contains(name);
            if (!other.equals(name) && !MAY_CALL.get(name).contains(other) && !settings) {
                forbidden.add(packageName(other));
            }
        }

        noClasses()
                .that()
                .resideInAPackage(packageName(name))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(forbidden.toArray(String[]::new))
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    @Test
    void everyPackage_isOneOfTheDesign() {
        Set<String> present = new TreeSet<>();
        CLASSES.stream().map(JavaClass::getPackageName).forEach(present::add);

        assertThat(present)
                .isSubsetOf(
                        packages().stream().map(ArchitectureTest::packageName).toList());
    }

    @Test
    void settings_areLoadedByTheCommandLineOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackages(BASE + ".cli..", BASE + ".config..")
                .should()
                .dependOnClassesThat()
                .haveSimpleName("ConfigFile")
                .check(CLASSES);
    }

    @Test
    void packages_theRootIncluded_haveNoCycles() {
        SlicesRuleDefinition.slices()
                .assignedFrom(new SliceAssignment() {
                    @Override
                    public SliceIdentifier getIdentifierOf(JavaClass type) {
                        return SliceIdentifier.of(type.getPackageName());
                    }

                    @Override
                    public String getDescription() {
                        return "packages";
                    }
                })
                .should()
                .beFreeOfCycles()
                .check(CLASSES);
    }

    @Test
    void sql_isSpokenInStoreOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackage(BASE + ".store..")
                .should()
                .dependOnClassesThat(resideInAPackage("io.vertx.mysqlclient..")
                        .or(resideInAPackage("io.vertx.sqlclient.."))
                        .or(resideInAPackage("org.flywaydb..")))
                .check(CLASSES);
    }

    @Test
    void blockingCalls_goOneWay() {
        noClasses()
                .that()
                .resideOutsideOfPackage(BASE + ".blocking..")
                .should()
                .callMethodWhere(target(nameMatching("executeBlocking")))
                .check(CLASSES);
    }

    /** Except where the number of steps has a small bound: tries of one batch, ways to write one, tries of one read. */
    @Test
    void stepsOneAfterTheOther_areMadeInTurn_notComposedByThemselves() {
        Set<String> bounded = Set.of("LaneConnection.commit", "RowWriter.write", "CourseReader.read");
        Set<String> composed = new TreeSet<>();
        for (JavaClass type : CLASSES) {
            for (JavaMethodCall call : type.getMethodCallsFromSelf()) {
                boolean byItself = call.isDeclaredInLambda()
                        && call.getTarget()
                                .resolveMember()
                                .filter(call.getOrigin()::equals)
                                .isPresent()
                        && call.getTarget().getRawReturnType().isAssignableTo(Future.class);
                if (byItself) {
                    composed.add(type.getSimpleName() + "." + call.getName());
                }
            }
        }
        assertThat(composed).isSubsetOf(bounded).contains("LaneConnection.commit");
    }

    @Test
    void types_arePackagePrivate_unlessUsedOutside() {
        classes()
                .that()
                .arePublic()
                .and(describe("are found by the driver", type -> !type.isAssignableTo(TlsSocketPlugin.class)))
                .and(describe("are no main class", type -> !type.getSimpleName().equals("Main")))
                .should(beUsedOutsideTheirPackage())
                .check(CLASSES);
    }

    @Test
    void everyPackage_isNullMarked() {
        all(packagesWithTypes())
                .should(new ArchCondition<JavaPackage>("be @NullMarked") {
                    @Override
                    public void check(JavaPackage checked, ConditionEvents events) {
                        events.add(new SimpleConditionEvent(
                                checked, checked.isAnnotatedWith(NullMarked.class), checked.getName()));
                    }
                })
                .check(CLASSES);
    }

    @Test
    void classes_areFinalOrMadeToBeExtended() {
        classes().that(isPlainClass()).should().haveModifier(JavaModifier.FINAL).check(CLASSES);
    }

    private static String packageName(String name) {
        return name.equals(ROOT) ? BASE : BASE + "." + name;
    }

    private static DescribedPredicate<JavaClass> isPlainClass() {
        return describe(
                "are plain classes",
                type -> !type.isInterface()
                        && !type.isEnum()
                        && !type.isRecord()
                        && !type.isAnonymousClass()
                        && !type.getSimpleName().equals("package-info")
                        && !type.getModifiers().contains(JavaModifier.ABSTRACT));
    }

    private static ArchCondition<JavaClass> beUsedOutsideTheirPackage() {
        return new ArchCondition<>(
                "be used outside their package, or stand in the signature of what may be, or be a case of that") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                boolean used = type.getDirectDependenciesToSelf().stream()
                        .anyMatch(use -> !use.getOriginClass().getPackageName().equals(type.getPackageName()));
                boolean caseOfUsed = type.getEnclosingClass()
                        .filter(enclosing -> type.isAssignableTo(enclosing.getName()))
                        .filter(ArchitectureTest::isInPublicSignature)
                        .isPresent();
                boolean hidden = type.getEnclosingClass()
                        .filter(enclosing -> !enclosing.getModifiers().contains(JavaModifier.PUBLIC))
                        .isPresent();
                boolean right = used || isInPublicSignature(type) || caseOfUsed || hidden;
                events.add(new SimpleConditionEvent(type, right, type.getName()));
            }
        };
    }

    private static boolean isInPublicSignature(JavaClass type) {
        return type.getPackage().getClasses().stream()
                .filter(owner -> !owner.equals(type) && owner.getModifiers().contains(JavaModifier.PUBLIC))
                .flatMap(owner -> owner.getCodeUnits().stream())
                .filter(code -> code.getModifiers().contains(JavaModifier.PUBLIC))
                .anyMatch(code -> code.getRawReturnType().equals(type)
                        || code.getRawParameterTypes().contains(type));
    }

    private static AbstractClassesTransformer<JavaPackage> packagesWithTypes() {
        return new AbstractClassesTransformer<>("packages") {
            @Override
            public Iterable<JavaPackage> doTransform(JavaClasses classes) {
                JavaPackage base = classes.getPackage(BASE);
                List<JavaPackage> packages = new ArrayList<>(List.of(base));
                packages.addAll(base.getSubpackagesInTree());
                packages.removeIf(each -> each.getClasses().isEmpty());
                return packages;
            }
        };
    }
}
