package io.pgseam;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Holds what the layout promises: each package has one job, and dependencies point one way. */
@AnalyzeClasses(packages = "io.pgseam", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    private static final String VOCABULARY = "vocabulary";
    private static final String SOURCE = "source access";
    private static final String WORK = "work";
    private static final String CONFIG = "config";
    private static final String LEADING = "leading";
    private static final String WIRING = "wiring";

    @ArchTest
    static final ArchRule packagesFormNoCycles =
            slices().matching("io.pgseam.(**)").should().beFreeOfCycles().allowEmptyShould(true);

    @ArchTest
    static final ArchRule dependenciesPointOneWay = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .withOptionalLayers(true)
            .layer(VOCABULARY)
            .definedBy("io.pgseam.pg")
            .layer(SOURCE)
            .definedBy("io.pgseam.pg.*..")
            .layer(WORK)
            .definedBy(
                    "io.pgseam.record..",
                    "io.pgseam.phase..",
                    "io.pgseam.snapshot..",
                    "io.pgseam.stream..",
                    "io.pgseam.control..",
                    "io.pgseam.ledger..",
                    "io.pgseam.task..",
                    "io.pgseam.metrics..",
                    "io.pgseam.failpoint..")
            .layer(CONFIG)
            .definedBy("io.pgseam.config..")
            .layer(LEADING)
            .definedBy("io.pgseam.capture..", "io.pgseam.leader..", "io.pgseam.preflight..")
            .layer(WIRING)
            .definedBy("io.pgseam", "io.pgseam.tool..")
            .whereLayer(VOCABULARY)
            .mayNotAccessAnyLayer()
            .whereLayer(SOURCE)
            .mayOnlyAccessLayers(VOCABULARY)
            .whereLayer(WORK)
            .mayOnlyAccessLayers(VOCABULARY, SOURCE)
            .whereLayer(CONFIG)
            .mayOnlyAccessLayers(VOCABULARY, SOURCE, WORK)
            .whereLayer(LEADING)
            .mayOnlyAccessLayers(VOCABULARY, SOURCE, WORK, CONFIG)
            .whereLayer(WIRING)
            .mayNotBeAccessedByAnyLayer()
            .as(
                    "pg <- pg.session, pg.catalog, pg.copy, pg.pgoutput <- record, phase, ledger, control, task, metrics, failpoint,"
                            + " snapshot, stream <- config <- capture, leader, preflight <- the connector and its tasks")
            .because("a package can be read, tested and replaced with only those below it in mind");

    @ArchTest
    static final ArchRule everyPackageHasItsPlaceInTheLayout = noClasses()
            .that()
            .resideInAPackage("io.pgseam..")
            .should()
            .resideOutsideOfPackages(
                    "io.pgseam",
                    "io.pgseam.pg..",
                    "io.pgseam.record..",
                    "io.pgseam.phase..",
                    "io.pgseam.snapshot..",
                    "io.pgseam.stream..",
                    "io.pgseam.control..",
                    "io.pgseam.ledger..",
                    "io.pgseam.task..",
                    "io.pgseam.metrics..",
                    "io.pgseam.failpoint..",
                    "io.pgseam.leader..",
                    "io.pgseam.preflight..",
                    "io.pgseam.config..",
                    "io.pgseam.capture..",
                    "io.pgseam.tool..")
            .because("the rule on dependencies sees only the packages that it names");

    @ArchTest
    static final ArchRule sourcePackagesKnowNoKafkaAndNoDebezium = noClasses()
            .that()
            .resideInAPackage("io.pgseam.pg..")
            .should()
            .dependOnClassesThat(resideInAPackage("org.apache.kafka..").or(resideInAPackage("io.debezium..")))
            .because("PostgreSQL's side is read and tested without Kafka");

    @ArchTest
    static final ArchRule connectDataIsKnownOnlyWhereRecordsAreMade = noClasses()
            .that()
            .resideOutsideOfPackage("io.pgseam.record..")
            .should()
            .dependOnClassesThat(resideInAPackage("org.apache.kafka.connect.data.."))
            .allowEmptyShould(true)
            .because("one place decides how a row becomes a record, in both phases (I6)");

    @ArchTest
    static final ArchRule debeziumIsKnownOnlyByItsFormat = noClasses()
            .that()
            .resideOutsideOfPackage("io.pgseam.record.debezium..")
            .should()
            .dependOnClassesThat(resideInAPackage("io.debezium.."))
            .because("its format is one of two, and the other must not need its classes");

    @ArchTest
    static final ArchRule nothingKnowsTheCommandLine = noClasses()
            .that()
            .resideOutsideOfPackage("io.pgseam.tool..")
            .should()
            .dependOnClassesThat(resideInAPackage("io.pgseam.tool..").or(resideInAPackage("picocli..")))
            .because("it is a jar of its own, which a worker does not load");

    @ArchTest
    static final ArchRule theCommandLineReadsWithoutTheConnector = noClasses()
            .that()
            .resideInAPackage("io.pgseam.tool..")
            .should()
            .dependOnClassesThat(resideInAPackage("io.pgseam.leader..")
                    .or(resideInAPackage("io.pgseam.stream.."))
                    .or(resideInAPackage("io.pgseam.ledger..")))
            .because("what a connector does shows in the source, on the control topic and in Kafka, and nowhere else");

    @ArchTest
    static final ArchRule onlyCommandsKnowHowTheyAreCalled = noClasses()
            .that()
            .resideInAPackage("io.pgseam.tool..")
            .and()
            .resideOutsideOfPackages("io.pgseam.tool", "io.pgseam.tool.command..", "io.pgseam.tool.input..")
            .should()
            .dependOnClassesThat(resideInAPackage("picocli.."))
            .because("the work of a command can be read and tested without its options");

    @ArchTest
    static final ArchRule namesTellARole = noClasses()
            .should()
            .haveNameMatching(".*(Utils?|Helpers?|Impl)")
            .because("such a name says that a class has no job of its own");
}
